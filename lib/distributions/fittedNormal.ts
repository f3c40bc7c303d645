import * as tf from '@tensorflow/tfjs';
import { CredenceError } from '../errors';
import type { Likelihood } from './likelihood';
import { normalLogProb } from './normal';
import type { Predictive } from './predictive';

/** Added to the variance: equal samples have no spread, and their density would be infinite. torch_blue adds as much. */
const MIN_VARIANCE = 1e-10;

/** Statistics [..., 1 + 3 D] of n samples, for each target: n, mean, sum of squared deviations from it, sum of the noise variances. */
function parts(statistics: tf.Tensor): [n: tf.Tensor, mean: tf.Tensor, squares: tf.Tensor, noise: tf.Tensor] {
  const targets = (statistics.shape.at(-1)! - 1) / 3;
  const split = tf.split(statistics, [1, targets, targets, targets], -1);
  return split as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
}

/**
 * The normal distribution fitted to the samples: their mean, and as variance the spread of their means (divided by S - 1; none for one
 * sample) plus the mean of their noise variances, plus 1e-10. Without noise it is the predictive distribution of torch_blue.
 *
 * Moments merge exactly: Chan, Golub and LeVeque, "Algorithms for computing the sample variance", 1983, eq. 2.1, for many parts at once
 * and around the mean of the own samples, lest large means leave no digits for their differences.
 * @param predict mean and noise variance of each sample
 * @param hasNoise if not, one sample has no distribution
 */
export function fittedNormal(predict: Likelihood['predict'], hasNoise: boolean): Predictive {
  return {
    statistics(outputs, _y, parameters) {
      const [means, variances] = predict(outputs, parameters) as [tf.Tensor, tf.Tensor];
      const mean = tf.mean(means, 0);
      const squares = tf.sum(tf.square(tf.sub(means, mean)), 0);
      const n = tf.fill([mean.shape[0], 1], means.shape[0]);
      return tf.concat([n, mean, squares, tf.sum(variances, 0)], -1);
    },
    merge(own, others, joined) {
      const counts = tf.greater(tf.reshape(joined, [-1, 1, 1]), 0);
      const [n, mean, squares, noise] = parts(own);
      const [ns, means, eachSquares, noises] = parts(tf.where(counts, others, 0)); // n = 0: no weight
      const apart = tf.sub(means, mean);
      const total = tf.add(n, tf.sum(ns, 0));
      const shift = tf.div(tf.sum(tf.mul(ns, apart), 0), total);
      const between = tf.add(
        tf.mul(n, tf.square(shift)),
        tf.sum(tf.mul(ns, tf.square(tf.sub(apart, shift))), 0),
      );
      return tf.concat(
        [
          total,
          tf.add(mean, shift),
          tf.addN([squares, tf.sum(eachSquares, 0), between]),
          tf.add(noise, tf.sum(noises, 0)),
        ],
        -1,
      );
    },
    nll(statistics, y, samples) {
      if (!hasNoise && samples < 2) {
        throw new CredenceError(
          'E_OPTION',
          `the noise is fitted to the spread of the samples that are joined, which takes at least 2, got ${samples}: set option 'samples' of vi higher, or use fewer devices where each worker has a spread of its own`,
        );
      }
      const [, mean, squares, noise] = parts(statistics);
      const spread = tf.div(squares, Math.max(samples - 1, 1));
      const variance = tf.add(tf.add(spread, tf.div(noise, samples)), MIN_VARIANCE);
      return tf.neg(tf.sum(normalLogProb(y, mean, tf.mul(tf.log(variance), 0.5)), -1));
    },
  };
}
