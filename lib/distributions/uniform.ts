import * as tf from '@tensorflow/tfjs';
import { normalEntropy } from './divergence';
import type { ClosedPrior } from './prior';

/**
 * The flat prior p(w) = 1 over all numbers, improper: the posterior is what the data say alone, and weights that they say nothing of
 * become ever more uncertain. The divergence is minus the entropy of the posterior, up to a constant: it may be negative.
 */
export function uniform(): ClosedPrior {
  return {
    name: 'uniform',
    logProb: (w) => tf.zerosLike(w),
    kl: ({ mean, logStd }) => tf.sub(tf.zerosLike(mean), normalEntropy(logStd)),
  };
}
