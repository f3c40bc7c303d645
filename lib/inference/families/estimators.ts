/**
 * Estimators of the gradient of an expectation over weights: how samples of a linear map are drawn. All are unbiased; they
 * differ in cost and variance.
 */
import * as tf from '@tensorflow/tfjs';
import type { NormalParameters } from '../../distributions/prior';
import { sampleAround, sampleNormal, standardNormals } from './sampling';

type LinearMap = (x: tf.Tensor, w: tf.Tensor) => tf.Tensor;

export interface Estimator {
  /** Independent tensors of noise that it needs for each linear map. */
  streams: number;
  /**
   * Samples of op(x, W), [S, B, ...], for W with this posterior. Without a result W is to be sampled, and op applied to it.
   * @param keys [S, 2] for each stream: the random numbers of each sample
   * @param first the place of the first of these data in the whole batch, int32, []
   */
  linear(
    op: LinearMap,
    x: tf.Tensor,
    posterior: NormalParameters,
    keys: readonly tf.Tensor[],
    first: tf.Tensor,
  ): tf.Tensor | undefined;
}

/** Sample the weights, then apply them (Blundell et al. 2015; the estimator of the paper). */
const weights: Estimator = { streams: 0, linear: () => undefined };

/**
 * Local reparameterisation (Kingma, Salimans and Welling 2015): the output of a linear map of normal weights is normal itself, with
 * mean op(x, mean) and variance op(x^2, std^2). Sampling it makes the noise independent for each datum, which lowers the variance.
 */
const local: Estimator = {
  streams: 1,
  linear(op, x, { mean, logStd }, [keys], first) {
    const center = op(x, tf.expandDims(mean, 0));
    const variance = op(tf.square(x), tf.expandDims(tf.exp(tf.mul(logStd, 2)), 0));
    return sampleAround(center, variance, keys!, first);
  },
};

/**
 * 'local' where each datum uses a weight once, x [S, B, features]. Where it uses it at many places (convolutions, tokens) there are more
 * outputs than weights, and the weights are cheaper to sample.
 */
const auto: Estimator = {
  streams: local.streams,
  linear: (op, x, ...noise) => (x.rank === 3 ? local.linear(op, x, ...noise) : undefined),
};

/** Signs that are as often 1 as -1, [S, ...shape]. */
const randomSigns = (keys: tf.Tensor, shape: readonly number[], first: tf.Tensor): tf.Tensor => {
  const isPositive = tf.greaterEqual(standardNormals(keys, shape, first), 0);
  return tf.sub(tf.mul(tf.cast(isPositive, 'float32'), 2), 1);
};

/** The shape of one sign for each datum and feature of x [S, B, ..., C]: the same at all places of an image or sequence. */
const perDatum = ([, batch, ...shape]: readonly number[]): number[] => [
  batch!,
  ...shape.slice(1).map(() => 1),
  shape.at(-1)!,
];

/**
 * op(x, mean) + op(x r, dW) t: weights that are perturbed by dW r t', of the same distribution as dW, which differs between data.
 * @param signs r of the features of x, and t of the outputs; each broadcasts with them
 */
export function flip(
  op: LinearMap,
  x: tf.Tensor,
  center: tf.Tensor,
  perturbation: tf.Tensor,
  [r, t]: readonly [tf.Tensor, tf.Tensor],
): tf.Tensor {
  return tf.add(center, tf.mul(op(tf.mul(x, r), perturbation), t));
}

/**
 * Flipout (Wen et al. 2018): the perturbation of a sample is the same for all data but for random signs of its inputs and outputs, so
 * that the noise of the data is uncorrelated. For maps whose outputs are too many for local reparameterisation; two maps instead of one.
 */
const flipout: Estimator = {
  streams: 3,
  linear(op, x, { mean, logStd }, [noise, input, output], first) {
    const center = op(x, tf.expandDims(mean, 0));
    const perturbation = sampleNormal({ mean: tf.zerosLike(mean), logStd }, noise!);
    const signs = [
      randomSigns(input!, perDatum(x.shape), first),
      randomSigns(output!, perDatum(center.shape), first),
    ] as const;
    return flip(op, x, center, perturbation, signs);
  },
};

/** How samples of a linear map are drawn: see `ViOptions`. */
export type EstimatorName = 'auto' | 'weights' | 'local' | 'flipout';
export const estimators: Readonly<Record<EstimatorName, Estimator>> = {
  auto,
  weights,
  local,
  flipout,
};
export const estimatorNames = Object.keys(estimators) as EstimatorName[];
