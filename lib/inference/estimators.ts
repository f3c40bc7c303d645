/**
 * Estimators of the gradient of an expectation over weights: how samples of a linear map are drawn. All are unbiased; they
 * differ in cost and variance.
 */
import * as tf from '@tensorflow/tfjs';
import type { NormalParameters } from '../distributions/prior';
import { standardNormals } from './sampling';

type LinearMap = (x: tf.Tensor, w: tf.Tensor) => tf.Tensor;

export interface Estimator {
  /** Independent tensors of noise that it needs for each linear map. */
  streams: number;
  /**
   * Samples of op(x, W), [S, B, ...], for W with this posterior. Absent: W is sampled and op applied to it.
   * @param keys [S, 2] for each stream: the random numbers of each sample
   */
  linear?(op: LinearMap, x: tf.Tensor, posterior: NormalParameters, keys: readonly tf.Tensor[]): tf.Tensor;
}

/** Sample the weights, then apply them (Blundell et al. 2015; the estimator of the paper). */
const weights: Estimator = { streams: 0 };

/**
 * Local reparameterisation (Kingma, Salimans and Welling 2015): the output of a linear map of normal weights is normal itself, with
 * mean op(x, mean) and variance op(x^2, std^2). Sampling it makes the noise independent for each datum, which lowers the variance.
 */
const local: Estimator = {
  streams: 1,
  linear(op, x, { mean, logStd }, [keys]) {
    const center = op(x, tf.expandDims(mean, 0));
    const variance = op(tf.square(x), tf.expandDims(tf.exp(tf.mul(logStd, 2)), 0));
    const noise = standardNormals(keys!, center.shape.slice(1));
    // the root has no finite gradient at zero, where x is zero
    return tf.add(center, tf.mul(tf.sqrt(tf.add(variance, 1e-12)), noise));
  },
};

export type EstimatorName = 'weights' | 'local';
export const estimators: Readonly<Record<EstimatorName, Estimator>> = { weights, local };
export const estimatorNames = Object.keys(estimators) as EstimatorName[];
