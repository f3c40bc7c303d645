import * as tf from '@tensorflow/tfjs';
import { positive, validate } from '../validate';
import type { Prior } from './prior';

/**
 * Coefficients of Abramowitz and Stegun, constant first: 5.1.53 for E1 below 1, to 2e-7; 5.1.56 for x exp(x) E1 above, to 2e-8, here as
 * polynomials of 1 / x, whose powers do not overflow.
 */
const NEAR = [-0.57721566, 0.99999193, -0.24991055, 0.05519968, -0.00976004, 0.00107857];
const TOP = [1, 8.5733287401, 18.059016973, 8.6347608925, 0.2677737343];
const BOTTOM = [1, 9.5733223454, 25.6329561486, 21.0996530827, 3.9584969228];

const polynomial = (coefficients: readonly number[], x: tf.Tensor): tf.Tensor =>
  coefficients.reduceRight<tf.Tensor>((sum, each) => tf.add(tf.mul(sum, x), each), tf.zerosLike(x));

/** log(exp(x) E1(x)) for x > 0, elementwise, in single precision; E1 is the exponential integral. */
export function logScaledE1(x: tf.Tensor): tf.Tensor {
  // each branch is only given what it is for: the gradient of the one that is not taken must be finite, too
  const [small, large] = [tf.minimum(x, 1), tf.maximum(x, 1)];
  const near = tf.add(tf.log(tf.sub(polynomial(NEAR, small), tf.log(small))), small);
  const y = tf.div(1, large);
  const far = tf.log(tf.mul(y, tf.div(polynomial(TOP, y), polynomial(BOTTOM, y))));
  const isLarge = tf.step(tf.sub(x, 1)); // has a gradient, which comparisons have not
  return tf.add(near, tf.mul(isLarge, tf.sub(far, near)));
}

/** At 0 the density is infinite. */
const MIN_SQUARE = 1e-16;

/**
 * The horseshoe prior (Carvalho, Polson and Scott, "The horseshoe estimator for sparse signals", 2010), independent for every weight:
 * w ~ N(0, (scale lambda)^2) with lambda half-Cauchy. An infinite spike at 0 takes what the data do not need, Cauchy-like tails leave the
 * rest alone. With lambda integrated out there is nothing to learn beside the weights: for u = w^2 / (2 scale^2),
 * p(w) = exp(u) E1(u) / (scale sqrt(2 pi^3)). Its divergence has no closed form.
 * @param scale how large a weight may easily be: small numbers make a network sparser
 */
export function horseshoe(scale = 1): Prior {
  validate(positive(), scale, 'priors.horseshoe: scale');
  const logNormalizer = Math.log(scale) + 0.5 * Math.log(2 * Math.PI ** 3);
  return {
    name: `horseshoe(${scale})`,
    logProb(w) {
      const u = tf.mul(tf.add(tf.square(w), MIN_SQUARE * scale ** 2), 0.5 / scale ** 2);
      return tf.sub(logScaledE1(u), logNormalizer);
    },
  };
}
