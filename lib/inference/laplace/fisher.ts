/** The Fisher information of likelihoods in the outputs of a model: what a datum says about its outputs, whatever its target. */
import * as tf from '@tensorflow/tfjs';
import type { Likelihood } from '../../distributions/likelihood';
import { CredenceError } from '../../errors';

/**
 * A root of the Fisher information F of each datum, [B, K, C]: sum_k r_k r_k' = F. For these likelihoods F is the Hessian of -log p in the
 * outputs, or its expectation, so that sum_b J_b' F_b J_b is the generalised Gauss-Newton matrix.
 * @param outputs [1, B, C]
 */
export type FisherRoot = (outputs: tf.Tensor, parameters: readonly tf.Tensor[]) => tf.Tensor;

/** [1, B, C] -> [B, C, C]: independent outputs. */
function diagonal(roots: tf.Tensor): tf.Tensor {
  const [, data, outputs] = roots.shape as [number, number, number];
  return tf.mul(tf.eye(outputs), tf.reshape(roots, [data, 1, outputs]));
}

/** diag(p) - p p' = sum_k p_k (e_k - p) (e_k - p)' */
function ofClasses(logits: tf.Tensor): tf.Tensor {
  const [, data, classes] = logits.shape as [number, number, number];
  const p = tf.softmax(logits);
  const away = tf.sub(tf.eye(classes), tf.reshape(p, [data, 1, classes]));
  return tf.mul(tf.reshape(tf.sqrt(p), [data, classes, 1]), away);
}

const roots: Readonly<Record<string, (likelihood: Likelihood) => FisherRoot>> = {
  categorical: () => ofClasses,
  bernoulli: () => (logits) => {
    const p = tf.sigmoid(logits);
    return diagonal(tf.sqrt(tf.mul(p, tf.sub(1, p))));
  },
  gaussian: (likelihood) => (outputs, parameters) => {
    const variance = likelihood.predict(outputs, parameters)[1]!;
    const ofMeans = tf.rsqrt(variance);
    // with predicted noise the other half of the outputs are log standard deviations: their information is 2
    const isPredicted = outputs.shape.at(-1) !== variance.shape.at(-1);
    return diagonal(isPredicted ? tf.concat([ofMeans, tf.fill(variance.shape, Math.SQRT2)], -1) : ofMeans);
  },
  poisson: () => (logRates) => diagonal(tf.exp(tf.mul(logRates, 0.5))),
};

/** @throws CredenceError E_OPTION */
export function fisherRoot(likelihood: Likelihood): FisherRoot {
  const [name] = likelihood.name.split(' ');
  const root = Object.hasOwn(roots, name!) ? roots[name!] : undefined;
  if (root) return root(likelihood);
  throw new CredenceError(
    'E_OPTION',
    `laplace knows no curvature of the ${likelihood.name} likelihood, only of ${Object.keys(roots).join(', ')}: use one of these, or another method`,
  );
}
