import * as tf from '@tensorflow/tfjs';
import type { ClosedPrior } from './prior';

/** Constants of the approximation. */
const [K1, K2, K3] = [0.63576, 1.8732, 1.48695];

/** Of a mean that is 0, relative noise would be infinite. */
const MIN_SQUARE = 1e-16;

/**
 * The log-uniform prior p(w) = 1 / |w|, improper: every order of magnitude is as likely as any other, so the divergence depends on the
 * relative noise alpha = std^2 / mean^2 alone, and weights the data do not need become all noise around 0 (variational dropout). It is
 * sparse as the horseshoe, and needs no scales to be learned beside the weights.
 *
 * The divergence is an approximation (Molchanov, Ashukha and Vetrov, "Variational dropout sparsifies deep neural networks", 2017, eq. 14),
 * with 0 at alpha = infinity: the prior has no constant.
 */
export function logUniform(): ClosedPrior {
  return {
    name: 'log-uniform',
    logProb: (w) => tf.neg(tf.log(tf.abs(w))),
    kl({ mean, logStd }) {
      const logAlpha = tf.sub(tf.mul(logStd, 2), tf.log(tf.add(tf.square(mean), MIN_SQUARE)));
      const sigmoid = tf.sigmoid(tf.add(tf.mul(logAlpha, K3), K2));
      return tf.add(tf.sub(K1, tf.mul(sigmoid, K1)), tf.mul(tf.softplus(tf.neg(logAlpha)), 0.5));
    },
  };
}
