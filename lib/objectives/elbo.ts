import * as tf from '@tensorflow/tfjs';
import type { Likelihood } from '../distributions/likelihood';

/**
 * The data term of the evidence lower bound: the negative log likelihood, averaged over the batch and over `totalSamples` samples.
 * It is linear in the samples, so the values (and gradients) of workers that hold different samples add up to the whole.
 * @param outputs [S, B, ...]: outputs of the samples at hand
 * @param totalSamples S summed over all workers
 */
export function expectedNll(
  likelihood: Likelihood,
  outputs: tf.Tensor,
  y: tf.Tensor,
  noise: readonly tf.Tensor[],
  totalSamples: number,
): tf.Scalar {
  const nll = likelihood.nll(outputs, y, noise);
  return tf.div(tf.sum(nll), totalSamples * nll.shape[1]!);
}
