import * as tf from '@tensorflow/tfjs';

/**
 * A root of the Fisher information F of each datum in the outputs of a model, [B, K, C]: sum_k r_k r_k' = F. It is what a datum says about
 * them whatever its target: the expectation of the Hessian of -log p, so that sum_b J_b' F_b J_b is the generalised Gauss-Newton matrix.
 * @param outputs [1, B, C]
 * @param parameters the values of `Likelihood.parameters`, in order
 */
export type FisherRoot = (outputs: tf.Tensor, parameters: readonly tf.Tensor[]) => tf.Tensor;

/** [1, B, C] -> [B, C, C]: that of independent outputs. */
export function independent(roots: tf.Tensor): tf.Tensor {
  const [, data, outputs] = roots.shape as [number, number, number];
  return tf.mul(tf.eye(outputs), tf.reshape(roots, [data, 1, outputs]));
}
