import * as tf from '@tensorflow/tfjs';
import { CredenceError } from '../errors';
import { independent } from './fisherRoot';
import type { Likelihood } from './likelihood';
import { mixture } from './mixture';
import { columns } from './targets';

/** sum_d -log p(y_d), [S, B]: log(1 + exp(-x)) of the logit x of what was seen, which loses no digits where p is close to 1. */
const nll: Likelihood['nll'] = (outputs, y) => {
  const sign = tf.sub(1, tf.mul(y, 2));
  return tf.sum(tf.softplus(tf.mul(outputs, sign)), -1);
};

/** One or several independent yes-or-no questions: the model's D outputs are logits of 'yes', the targets [N] or [N, D] are 0 or 1. */
export function bernoulli(): Likelihood<'binary'> {
  return {
    name: 'bernoulli',
    kind: 'binary',
    parameters: [],
    targets: (y, outputShape) =>
      columns('bernoulli', y, outputShape, { outputs: 1 }, (value, where) => {
        if (value === 0 || value === 1) return;
        throw new CredenceError(
          'E_DATA',
          `target ${value} at ${where} is neither 0 nor 1: the bernoulli likelihood answers yes-or-no questions. For one of several classes use likelihoods.categorical()`,
        );
      }),
    nll,
    predict: (outputs) => [tf.sigmoid(outputs)],
    fisherRoot(outputs) {
      const p = tf.sigmoid(outputs);
      return independent(tf.sqrt(tf.mul(p, tf.sub(1, p))));
    },
    predictive: mixture(nll),
  };
}
