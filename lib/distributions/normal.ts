import * as tf from '@tensorflow/tfjs';
import { positive, validate } from '../validate';
import { finite } from './finite';
import { halfLog2Pi } from './numbers/gammaFunctions';
import type { ClosedPrior } from './prior';

/** log N(x; mean, std^2), elementwise; the arguments broadcast together. */
export function normalLogProb(x: tf.Tensor, mean: tf.Tensor | number, logStd: tf.Tensor): tf.Tensor {
  const z = tf.mul(tf.sub(x, mean), tf.exp(tf.neg(logStd)));
  return tf.sub(tf.mul(tf.square(z), -0.5), tf.add(logStd, halfLog2Pi));
}

/**
 * KL(N(mean, std^2) || N(priorMean, priorStd^2)), elementwise:
 * log(priorStd / std) + (std^2 + (mean - priorMean)^2) / (2 priorStd^2) - 1/2.
 */
export function normalKl(mean: tf.Tensor, logStd: tf.Tensor, priorMean: number, priorStd: number): tf.Tensor {
  const variance = tf.exp(tf.mul(logStd, 2));
  const distance = tf.square(tf.sub(mean, priorMean));
  const quadratic = tf.mul(tf.add(variance, distance), 0.5 / priorStd ** 2);
  return tf.sub(quadratic, tf.add(logStd, 0.5 - Math.log(priorStd)));
}

/** The normal prior N(mean, std^2), independent for every weight. */
export function normal(mean = 0, std = 1): ClosedPrior {
  validate(finite, mean, 'priors.normal: mean');
  validate(positive(), std, 'priors.normal: std');
  return {
    name: `N(${mean}, ${std}²)`,
    isQuadratic: true,
    logProb: (w) => normalLogProb(w, mean, tf.scalar(Math.log(std))),
    kl: (posterior) => normalKl(posterior.mean, posterior.logStd, mean, std),
  };
}
