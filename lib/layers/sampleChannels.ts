/**
 * Images of S samples lie in memory as [S, B, H, W, C] or, where each sample has filters of its own, with the samples in the channel
 * axis, [B, H, W, S C]: then one grouped convolution does the work of S. Layers that take images pass the second form on beside the
 * first, which is made of it only where someone reads it: a compiled function leaves out what nobody uses.
 */
import * as tf from '@tensorflow/tfjs';

/** [S, B, H, W, C] tensors that were made of [B, H, W, S C] ones. */
const merged = new WeakMap<tf.Tensor, tf.Tensor>();

/** [B, H, W, S C] -> [S, B, H, W, C] */
export function splitSamples(y: tf.Tensor, samples: number): tf.Tensor {
  if (samples === 1) return tf.expandDims(y, 0);
  const [batch, height, width, channels] = y.shape as [number, number, number, number];
  const parts = tf.reshape(y, [batch, height, width, samples, channels / samples]);
  const x = tf.transpose(parts, [3, 0, 1, 2, 4]);
  merged.set(x, y);
  return x;
}

/** The [B, H, W, S C] tensor that x [S, B, H, W, C] was made of, if there is one. */
function sourceOf(x: tf.Tensor): tf.Tensor | undefined {
  const source = merged.get(x);
  return source?.isDisposed ? undefined : source;
}

/** [S, B, H, W, C] -> [B, H, W, S C] */
export function mergeSamples(x: tf.Tensor): tf.Tensor {
  const source = sourceOf(x);
  if (source) return source;
  const [samples, batch, height, width, channels] = x.shape as [number, number, number, number, number];
  const last = samples === 1 ? x : tf.transpose(x, [1, 2, 3, 0, 4]);
  return tf.reshape(last, [batch, height, width, samples * channels]);
}

/**
 * Applies a function of images [N, H, W, C] -> [N, H', W', C], which treats all channels alike, to x [S, B, H, W, C] in the form that
 * is at hand.
 */
export function onImages(fn: (images: tf.Tensor4D) => tf.Tensor, x: tf.Tensor): tf.Tensor {
  const [samples, batch, ...image] = x.shape as [number, number, number, number, number];
  const source = sourceOf(x);
  if (source) return splitSamples(fn(source as tf.Tensor4D), samples);
  const y = fn(tf.reshape(x, [samples * batch, ...image]));
  return tf.reshape(y, [samples, batch, ...y.shape.slice(1)]);
}

/**
 * Applies an elementwise function of x [S or 1, ..., C] and of a number for each sample and channel, [S or 1, C], in the form that is
 * at hand: `fn` gets x as [S or 1, N, C] and the numbers as [S or 1, 1, C], or both with the samples in C.
 */
export function withChannels(
  fn: (x: tf.Tensor, perChannel: tf.Tensor) => tf.Tensor,
  x: tf.Tensor,
  perChannel: tf.Tensor,
): tf.Tensor {
  const [samples, channels] = [x.shape[0], x.shape.at(-1)!];
  const source = sourceOf(x);
  if (source) {
    const all = samples * channels;
    const numbers = tf.reshape(tf.tile(perChannel, [samples / perChannel.shape[0], 1]), [1, 1, all]);
    const y = fn(tf.reshape(source, [1, x.size / all, all]), numbers);
    return splitSamples(tf.reshape(y, source.shape), samples);
  }
  const y = fn(tf.reshape(x, [samples, x.size / samples / channels, channels]), tf.expandDims(perChannel, 1));
  return tf.reshape(y, [y.shape[0], ...x.shape.slice(1)]);
}
