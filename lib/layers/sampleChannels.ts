/**
 * Images of S samples lie in memory as [S, B, H, W, C] or, where each sample has filters of its own, with the samples in the channel
 * axis, [B, H, W, S C]: then one grouped convolution does the work of S. Layers that take images pass the second form on beside the
 * first, which is made of it only where someone reads it: a compiled function leaves out what nobody uses. The same holds for sequences
 * [S, B, L, C] and volumes [S, B, D, H, W, C]: 'places' are all axes between the batch and the channels.
 */
import * as tf from '@tensorflow/tfjs';

/** [S, B, ...places, C] tensors that were made of [B, ...places, S C] ones. */
const merged = new WeakMap<tf.Tensor, tf.Tensor>();

/** [B, ...places, S C] -> [S, B, ...places, C] */
export function splitSamples(y: tf.Tensor, samples: number): tf.Tensor {
  if (samples === 1) return tf.expandDims(y, 0);
  const shape = y.shape.slice(0, -1);
  const parts = tf.reshape(y, [...shape, samples, y.shape.at(-1)! / samples]);
  const axes = shape.map((_, axis) => axis);
  const x = tf.transpose(parts, [shape.length, ...axes, shape.length + 1]);
  merged.set(x, y);
  return x;
}

/** The [B, ...places, S C] tensor that x [S, B, ...places, C] was made of, if there is one. */
function sourceOf(x: tf.Tensor): tf.Tensor | undefined {
  const source = merged.get(x);
  return source?.isDisposed ? undefined : source;
}

/** Whether the form with samples in the channels is at hand. */
export const isMerged = (x: tf.Tensor): boolean => sourceOf(x) !== undefined;

/** [S, B, ...places, C] -> [B, ...places, S C] */
export function mergeSamples(x: tf.Tensor): tf.Tensor {
  const source = sourceOf(x);
  if (source) return source;
  const samples = x.shape[0];
  const shape = x.shape.slice(1, -1);
  const axes = shape.map((_, axis) => axis + 1);
  const last = samples === 1 ? x : tf.transpose(x, [...axes, 0, x.rank - 1]);
  return tf.reshape(last, [...shape, samples * x.shape.at(-1)!]);
}

/**
 * Applies a function of images [N, ...places, C] -> [N, ...places', C], which treats all channels alike, to x [S, B, ...places, C] in the
 * form that is at hand.
 */
export function onImages(fn: (images: tf.Tensor) => tf.Tensor, x: tf.Tensor): tf.Tensor {
  const [samples, batch, ...image] = x.shape as [number, number, ...number[]];
  const source = sourceOf(x);
  if (source) return splitSamples(fn(source), samples);
  const y = fn(tf.reshape(x, [samples * batch, ...image]));
  return tf.reshape(y, [samples, batch, ...y.shape.slice(1)]);
}

/** x [S, B, ...places, C] with other axes before the channels, [S, ...shape, C], in the forms that are at hand: no number moves. */
export function reshapeImages(x: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const [samples, channels] = [x.shape[0], x.shape.at(-1)!];
  const y = tf.reshape(x, [samples, ...shape, channels]);
  const source = sourceOf(x);
  if (source) merged.set(y, tf.reshape(source, [...shape, samples * channels]));
  return y;
}

/** The sum of tensors of one shape [S, B, ...places, C], in the form that is at hand. */
export function addImages(parts: readonly tf.Tensor[]): tf.Tensor {
  if (parts.length === 1) return parts[0]!;
  const sources = parts.map(sourceOf).filter((source) => source !== undefined);
  if (sources.length < parts.length) return tf.addN([...parts]);
  return splitSamples(tf.addN(sources), parts[0]!.shape[0]);
}

/** The mean of each channel over data and places, [S, C], of x [S, B, ...places, C]. */
export function channelMeans(x: tf.Tensor): tf.Tensor {
  const [samples, channels] = [x.shape[0], x.shape.at(-1)!];
  const source = sourceOf(x);
  if (!source) return tf.mean(tf.reshape(x, [samples, x.size / samples / channels, channels]), 1);
  const all = samples * channels;
  return tf.reshape(tf.mean(tf.reshape(source, [x.size / all, all]), 0), [samples, channels]);
}

/**
 * Applies an elementwise function of x [S or 1, ..., C] and of numbers for each sample and channel, [S or 1, C], in the form that is
 * at hand: `fn` gets x as [S or 1, N, C] and the numbers as [S or 1, 1, C], or both with the samples in C.
 */
export function withChannels(
  fn: (x: tf.Tensor, ...perChannel: tf.Tensor[]) => tf.Tensor,
  x: tf.Tensor,
  ...perChannel: readonly tf.Tensor[]
): tf.Tensor {
  const [samples, channels] = [x.shape[0], x.shape.at(-1)!];
  const source = sourceOf(x);
  if (source) {
    const all = samples * channels;
    const numbers = perChannel.map((each) =>
      tf.reshape(tf.tile(each, [samples / each.shape[0], 1]), [1, 1, all]),
    );
    const y = fn(tf.reshape(source, [1, x.size / all, all]), ...numbers);
    return splitSamples(tf.reshape(y, source.shape), samples);
  }
  const numbers = perChannel.map((each) => tf.expandDims(each, 1));
  const y = fn(tf.reshape(x, [samples, x.size / samples / channels, channels]), ...numbers);
  return tf.reshape(y, [y.shape[0], ...x.shape.slice(1)]);
}
