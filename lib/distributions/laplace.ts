import * as tf from '@tensorflow/tfjs';
import { positive, validate } from '../validate';
import { normalEntropy } from './divergence';
import { finite } from './finite';
import type { ClosedPrior } from './prior';

/**
 * The Laplace prior exp(-|w - mean| / scale) / (2 scale), independent for every weight: more weights near the mean and more far off than
 * a normal prior of the same spread; its mode is the lasso's. The divergence is closed: for d = m - mean,
 * KL(N(m, s^2) || p) = log(2 scale) + E|w - mean| / scale - entropy, E|w - mean| = s sqrt(2 / pi) exp(-d^2 / 2s^2) + d erf(d / (s sqrt 2)).
 */
export function laplace(mean = 0, scale = 1): ClosedPrior {
  validate(finite, mean, 'priors.laplace: mean');
  validate(positive(), scale, 'priors.laplace: scale');
  const logNormalizer = Math.log(2 * scale);
  return {
    name: `Laplace(${mean}, ${scale})`,
    logProb: (w) => tf.sub(tf.div(tf.abs(tf.sub(w, mean)), -scale), logNormalizer),
    kl({ mean: m, logStd }) {
      const [std, d] = [tf.exp(logStd), tf.sub(m, mean)];
      const z = tf.div(d, tf.mul(std, Math.SQRT2));
      const near = tf.mul(tf.mul(std, Math.sqrt(2 / Math.PI)), tf.exp(tf.neg(tf.square(z))));
      const distance = tf.add(near, tf.mul(d, tf.erf(z)));
      return tf.sub(tf.add(tf.div(distance, scale), logNormalizer), normalEntropy(logStd));
    },
  };
}
