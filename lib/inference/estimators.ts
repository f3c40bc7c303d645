/**
 * Estimators of the gradient of an expectation over weights: how samples of a linear map are drawn. All are unbiased; they
 * differ in cost and variance.
 */
import * as tf from '@tensorflow/tfjs';
import type { NormalParameters } from '../distributions/prior';
import type { StreamPosition } from '../engine/random';
import { sampleNormal, standardNormals } from './sampling';

type LinearMap = (x: tf.Tensor, w: tf.Tensor) => tf.Tensor;

/** Samples of op(x, W), [S, B, ...], for W with this posterior. */
export type Estimator = (
  op: LinearMap,
  x: tf.Tensor,
  posterior: NormalParameters,
  samples: number,
  position: StreamPosition,
) => tf.Tensor;

/** Sample the weights, then apply them (Blundell et al. 2015; the estimator of the paper). */
const weights: Estimator = (op, x, posterior, samples, position) =>
  op(x, sampleNormal(posterior, samples, position));

/**
 * Local reparameterisation (Kingma, Salimans and Welling 2015): the output of a linear map of normal weights is normal itself, with
 * mean op(x, mean) and variance op(x^2, std^2). Sampling it makes the noise independent for each datum, which lowers the variance.
 */
const local: Estimator = (op, x, { mean, logStd }, samples, position) => {
  const center = op(x, tf.expandDims(mean, 0));
  const variance = op(tf.square(x), tf.expandDims(tf.exp(tf.mul(logStd, 2)), 0));
  const noise = standardNormals(samples, center.shape.slice(1), position);
  // the root has no finite gradient at zero, where x is zero
  return tf.add(center, tf.mul(tf.sqrt(tf.add(variance, 1e-12)), noise));
};

export const estimators = { weights, local };
export type EstimatorName = keyof typeof estimators;
export const estimatorNames = Object.keys(estimators) as EstimatorName[];
