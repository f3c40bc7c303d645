import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { positive, validate } from '../validate';
import { finite } from './finite';
import { normalKl, normalLogProb } from './normal';
import type { ClosedPrior } from './prior';

/** Options of `priors.quiet`. */
export interface QuietOptions {
  /** Standard deviation of a weight, as a multiple of its mean. Default 1. */
  ratio?: number;
  /** What the means are believed to be: N(mean, std^2). Default N(0, 1). */
  mean?: number;
  std?: number;
}

/** Added to the variance of a weight, whose mean may be 0. torch_blue adds as much. */
const MIN_VARIANCE = 1e-10;

const options = v.strictObject({
  ratio: v.optional(positive(), 1),
  mean: v.optional(finite, 0),
  std: v.optional(positive(), 1),
});

/**
 * Noise in proportion to the weight, torch_blue's BasicQuietPrior: w ~ N(m, (ratio m)^2) around the mean m of its own posterior, and
 * m ~ N(mean, std^2). Small weights are believed to be quiet, not only small. The divergence is closed:
 * KL(N(m, s^2) || N(m, (ratio m)^2)) - log N(m; mean, std^2).
 */
export function quiet(given: QuietOptions = {}): ClosedPrior {
  const { ratio, mean, std } = validate(options, given, 'priors.quiet');
  const logSpread = (m: tf.Tensor): tf.Tensor =>
    tf.mul(tf.log(tf.add(tf.square(tf.mul(m, ratio)), MIN_VARIANCE)), 0.5);
  const ofMean = (m: tf.Tensor): tf.Tensor => normalLogProb(m, mean, tf.scalar(Math.log(std)));
  return {
    name: `quiet(${ratio}, N(${mean}, ${std}²))`,
    /** Of a weight that is its own mean. */
    logProb: (w) => tf.add(normalLogProb(w, w, logSpread(w)), ofMean(w)),
    kl({ mean: m, logStd }) {
      // in units of the prior's standard deviation it is N(0, 1)
      const scaled = { mean: tf.zerosLike(m), logStd: tf.sub(logStd, logSpread(m)) };
      return tf.sub(normalKl(scaled.mean, scaled.logStd, 0, 1), ofMean(m));
    },
  };
}
