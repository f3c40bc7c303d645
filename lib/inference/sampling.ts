/** Samples of a normal posterior, fused with the random numbers they are made of. */
import * as tf from '@tensorflow/tfjs';
import type { NormalParameters } from '../distributions/prior';
import { jit } from '../engine/jit';
import { overNormals } from '../engine/random';
import { sizeOf } from '../ndarray';

const row = (x: tf.Tensor): tf.Tensor => tf.reshape(x, [1, x.size]);

const affine = overNormals((eps, mean, logStd) => tf.add(mean!, tf.mul(tf.exp(logStd!), eps)));

/** d/d mean = sum_s g and d/d logStd = sum_s g (w - mean), since w - mean = exp(logStd) eps: eps is never stored. */
const backward = jit(
  (gradient: tf.Tensor, weights: tf.Tensor, mean: tf.Tensor) => [
    tf.sum(gradient, 0),
    tf.sum(tf.mul(gradient, tf.sub(weights, mean)), 0),
  ],
  { xla: true },
);

/**
 * Draws of a parameter, [samples, ...shape], differentiable in mean and logStd (reparameterised).
 * @param keys [samples, 2]
 */
export function sampleNormal({ mean, logStd }: NormalParameters, keys: tf.Tensor): tf.Tensor {
  const samples = keys.shape[0]!;
  const { shape, size } = mean;
  const sample = tf.customGrad((...args) => {
    const [mean, logStd, save] = args as unknown as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const weights = affine(keys, size, row(mean), row(logStd));
    save([row(mean), weights]);
    const gradFunc = (gradient: tf.Tensor, [mean, weights]: tf.Tensor[]): tf.Tensor[] =>
      backward(tf.reshape(gradient, [samples, size]), weights!, mean!).map((sum) => tf.reshape(sum, shape));
    return { value: weights, gradFunc };
  });
  return tf.reshape(sample(mean, logStd), [samples, ...shape]);
}

const noise = overNormals((eps) => eps);

/** Standard normals [samples, ...shape]. @param keys [samples, 2] */
export function standardNormals(keys: tf.Tensor, shape: readonly number[]): tf.Tensor {
  return tf.reshape(noise(keys, sizeOf(shape)), [keys.shape[0]!, ...shape]);
}
