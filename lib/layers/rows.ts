/** Gradients of functions of rows x [S or 1, N, C] that broadcast with one number for each sample and column, [S or 1, 1, C]. */
import * as tf from '@tensorflow/tfjs';

/** The gradient of x, given that of the rows it was broadcast to. */
export const ofRows = (gradient: tf.Tensor, x: tf.Tensor): tf.Tensor =>
  gradient.shape[0] === x.shape[0] ? gradient : tf.sum(gradient, 0, true);

/** The gradient of such numbers: a sum over rows. As a product with ones it takes a fifth of the time of a reduction. */
export function ofColumns(gradient: tf.Tensor, numbers: tf.Tensor): tf.Tensor {
  const [samples, , columns] = numbers.shape as [number, number, number];
  const rows = gradient.size / columns / samples;
  return tf.matMul(tf.ones([1, 1, rows]), tf.reshape(gradient, [samples, rows, columns]));
}
