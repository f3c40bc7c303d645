/** Samples of a normal posterior, fused with the random numbers they are made of. */
import * as tf from '@tensorflow/tfjs';
import type { NormalParameters } from '../distributions/prior';
import { jit } from '../engine/jit';
import { normalHalves, type StreamPosition } from '../engine/random';
import { sizeOf } from '../ndarray';

/** Makes a function for each kind once: a compiled function has fixed shapes. */
function memoize<K, T>(make: (kind: K) => T): (kind: K) => T {
  const made = new Map<K, T>();
  return (kind) => {
    let value = made.get(kind);
    if (value === undefined) made.set(kind, (value = make(kind)));
    return value;
  };
}

/** [samples, n] standard normals times `std` plus `mean` (both [1, n]); half by half, see `normalHalves`. */
function affine(mean: tf.Tensor, std: tf.Tensor, samples: number, position: StreamPosition): tf.Tensor {
  const length = mean.shape[1]!;
  const halves = normalHalves(position, samples, length);
  const half = Math.ceil(length / 2);
  const parts = halves.map((normals, i) => {
    const size = [1, i === 0 ? half : length - half] as [number, number];
    const cut = (x: tf.Tensor): tf.Tensor => tf.slice(x, [0, i * half], size);
    return tf.add(cut(mean), tf.mul(cut(std), tf.slice(normals, [0, 0], [samples, size[1]])));
  });
  return length === 1 ? parts[0]! : tf.concat(parts, 1);
}

const row = (x: tf.Tensor): tf.Tensor => tf.reshape(x, [1, x.size]);

/**
 * mean + exp(logStd) eps, [1, n] -> [samples, n]: one fused loop, in which eps is never stored. Rows in, rows out: for a parameter of
 * shape [2, 1] or [1, 2], XLA would take seconds to compile the reshaping with the rest.
 */
const forward = memoize((samples: number) =>
  jit(
    (mean, logStd, key, step, stream, firstSample) =>
      affine(mean, tf.exp(logStd), samples, { key, step, stream, firstSample }),
    { xla: true },
  ),
);

/** d/d mean = sum_s g and d/d logStd = sum_s g (w - mean), since w - mean = exp(logStd) eps. */
const backward = jit(
  (gradient: tf.Tensor, weights: tf.Tensor, mean: tf.Tensor) => {
    const flat = (x: tf.Tensor): tf.Tensor => tf.reshape(x, [-1, mean.size]);
    const g = flat(gradient);
    const sums = [tf.sum(g, 0), tf.sum(tf.mul(g, tf.sub(flat(weights), flat(mean))), 0)];
    return sums.map((sum) => tf.reshape(sum, mean.shape));
  },
  { xla: true },
);

/** `samples` draws of a parameter, [samples, ...shape], differentiable in mean and logStd (reparameterised). */
export function sampleNormal(
  { mean, logStd }: NormalParameters,
  samples: number,
  { key, step, stream, firstSample }: StreamPosition,
): tf.Tensor {
  const sample = tf.customGrad((...args) => {
    const [mean, logStd, save] = args as unknown as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const rows = forward(samples)(row(mean), row(logStd), key, step, stream, firstSample);
    const weights = tf.reshape(rows, [samples, ...mean.shape]);
    save([mean, weights]);
    const gradFunc = (gradient: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] =>
      backward(gradient, saved[1]!, saved[0]!);
    return { value: weights, gradFunc };
  });
  return sample(mean, logStd);
}

/** [samples, length] standard normals, for a kind 'samples,length'. */
const noise = memoize((kind: string) => {
  const [samples, length] = kind.split(',').map(Number) as [number, number];
  return jit(
    (key, step, stream, firstSample) =>
      affine(tf.zeros([1, length]), tf.ones([1, length]), samples, { key, step, stream, firstSample }),
    { xla: true },
  );
});

/** Standard normals [samples, ...shape]. */
export function standardNormals(
  samples: number,
  shape: readonly number[],
  position: StreamPosition,
): tf.Tensor {
  const { key, step, stream, firstSample } = position;
  const rows = noise(`${samples},${sizeOf(shape)}`)(key, step, stream, firstSample);
  return tf.reshape(rows, [samples, ...shape]);
}
