import * as tf from '@tensorflow/tfjs';
import type { Likelihood } from './likelihood';
import type { Predictive } from './predictive';

/** A log probability that adds nothing to any other. Minus infinity would make gradients NaN. */
const NOTHING = -1e30;

/**
 * The equal mixture of what the samples predict: p(y) = mean_s p_s(y). Its one statistic is log sum_s p_s(y), which is stable however
 * small the probabilities are, and merges by another log-sum-exp.
 */
export function mixture(nll: Likelihood['nll']): Predictive {
  return {
    statistics: (outputs, y, parameters) =>
      tf.expandDims(tf.logSumExp(tf.neg(nll(outputs, y, parameters)), 0), 1),
    merge(own, others, joined) {
      const counts = tf.greater(tf.reshape(joined, [-1, 1, 1]), 0);
      return tf.logSumExp(tf.concat([tf.expandDims(own, 0), tf.where(counts, others, NOTHING)]), 0);
    },
    nll: (statistics, _y, samples) => tf.sub(Math.log(samples), tf.squeeze(statistics, [1])),
  };
}
