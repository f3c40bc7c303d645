import * as tf from '@tensorflow/tfjs';
import { CredenceError } from '../errors';
import type { Objective } from './objective';

/**
 * The log score of the predictive distribution: mean_b -log p(y_b | x_b, w_1, ..., w_S), for the distribution of all S samples together.
 *
 *   categorical   p = mean_s softmax(logits_s)
 *   Gaussian      p = N(mean_s m_s, var_s m_s + mean_s v_s), the variance of the sample means with S - 1, v_s the noise
 *
 * It scores what is predicted in the end (for the mixture: Masegosa, "Learning under model misspecification", 2020; Morningstar et al.,
 * "PAC^m-Bayes", 2022); torch_blue and the paper, "Sampling Parallelism for Fast and Efficient Bayesian Learning" (arXiv 2604.04736),
 * train on it. By Jensen's inequality that of the mixture is at most the evidence lower bound's term, which it becomes for S = 1.
 * It is no sum over samples: statistics of all samples are joined before any gradient is taken, so that any number of workers
 * computes the same loss.
 * @throws CredenceError E_OPTION if the likelihood has no predictive distribution
 */
export const predictive: Objective = (likelihood) => {
  const distribution = likelihood.predictive;
  if (!distribution) {
    throw new CredenceError(
      'E_OPTION',
      `a predictive objective needs a likelihood with a predictive distribution of all samples together, and ${likelihood.name} has none: use vi({ objective: 'elbo' })`,
    );
  }
  return {
    joins: 'step',
    statistics: ({ outputs, y, parameters }) => distribution.statistics(outputs, y, parameters),
    loss({ outputs, y, parameters, samples, size }, others) {
      const own = distribution.statistics(outputs, y, parameters);
      const all = others ? distribution.merge(own, others.statistics, others.joined) : own;
      const joined = others?.samples ?? outputs.shape[0];
      // samples that are joined with each other only are a part of the step's; all of them are 1
      return tf.mul(tf.sum(distribution.nll(all, y, joined)), joined / (samples * size));
    },
  };
};
