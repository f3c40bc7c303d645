import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { validate } from '../validate';
import { independent } from './fisherRoot';
import { fittedNormal } from './fittedNormal';
import type { Likelihood } from './likelihood';
import { normalLogProb } from './normal';
import { columns } from './targets';

/** Options of `likelihoods.gaussian`. */
export interface GaussianOptions {
  /**
   * The noise of the targets around the mean: 'learned' (one standard deviation per target, learned with the model; default),
   * 'predicted' (the model gives mean and log standard deviation, so noise depends on the input), 'fitted' (none of its own: the spread of
   * the samples is all there is, as in torch_blue; only with a predictive objective and at least 2 samples), or a known standard deviation.
   */
  noise?: 'learned' | 'predicted' | 'fitted' | number;
}

const rule = "must be 'learned', 'predicted', 'fitted' or a standard deviation above 0";

const options = v.strictObject({
  noise: v.optional(
    v.union(
      [
        v.picklist(['learned', 'predicted', 'fitted']),
        v.pipe(v.number(), v.finite(rule), v.gtValue(0, rule)),
      ],
      rule,
    ),
    'learned',
  ),
});

/**
 * Real-valued targets with normal noise. With `noise: 'predicted'` the model has two outputs for each target. Samples together predict
 * the normal distribution that is fitted to them: its variance is the spread of their means plus their mean noise variance.
 */
export function gaussian(given: GaussianOptions = {}): Likelihood<'regression'> {
  const { noise } = validate(options, given, 'likelihoods.gaussian');
  const outputsPerTarget =
    noise === 'predicted'
      ? { outputs: 2, meaning: ' (a mean and a log standard deviation each)' }
      : undefined;

  /** Mean and log standard deviation for each sample, datum and target. */
  function moments(
    outputs: tf.Tensor,
    parameters: readonly tf.Tensor[],
  ): [mean: tf.Tensor, logStd: tf.Tensor] {
    if (noise === 'predicted') return tf.split(outputs, 2, -1) as [tf.Tensor, tf.Tensor];
    if (noise === 'learned') return [outputs, parameters[0]!];
    return [outputs, tf.scalar(Math.log(noise === 'fitted' ? 0 : noise))];
  }

  /** The variance of 'fitted' is 0. */
  const predict: Likelihood['predict'] = (outputs, parameters) => {
    const [mean, logStd] = moments(outputs, parameters);
    return [mean, tf.add(tf.exp(tf.mul(logStd, 2)), tf.zerosLike(mean))];
  };

  return {
    name: `gaussian (noise ${noise})`,
    kind: 'regression',
    parameters: noise === 'learned' ? [{ name: 'logNoise', shape: 'target', initial: Math.log(0.5) }] : [],
    targets: (y, outputShape) => columns('gaussian', y, outputShape, outputsPerTarget),
    nll(outputs, y, parameters) {
      if (noise === 'fitted') {
        throw new CredenceError(
          'E_OPTION',
          "likelihoods.gaussian with noise 'fitted' takes its noise from the spread of several samples, so one alone has no likelihood: use vi({ objective: 'predictive' }), or another noise",
        );
      }
      const [mean, logStd] = moments(outputs, parameters);
      return tf.neg(tf.sum(normalLogProb(y, mean, logStd), -1));
    },
    predict,
    isFitted: noise === 'fitted',
    fisherRoot(outputs, parameters) {
      const [mean, logStd] = moments(outputs, parameters);
      const ofMeans = tf.add(tf.exp(tf.neg(logStd)), tf.zerosLike(mean));
      // of a log standard deviation it is 2
      return independent(
        noise === 'predicted' ? tf.concat([ofMeans, tf.fill(mean.shape, Math.SQRT2)], -1) : ofMeans,
      );
    },
    predictive: fittedNormal(predict, noise !== 'fitted'),
  };
}
