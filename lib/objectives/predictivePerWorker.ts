import type { Objective } from './objective';
import { predictive } from './predictive';

/**
 * The approximation of "Sampling Parallelism for Fast and Efficient Bayesian Learning" (arXiv 2604.04736): each worker takes the
 * predictive loss L of its own samples, and the gradients are averaged: sum_w (S_w / S) L(samples of worker w). Nothing but gradients is
 * exchanged, and the loss depends on the number of workers:
 *
 *   categorical   between the predictive loss (one worker) and the evidence lower bound (a sample each): more by
 *                 mean_b log(mean_w p_w / prod_w p_w^(S_w / S)), p_w the probability of the label by worker w
 *   Gaussian      far off without noise of its own: the variance of few samples is often close to 0, and the loss goes with its inverse
 *                 (four samples as two pairs: 1,249 becomes 573,596,127 in a case of torch_blue's)
 * @throws CredenceError E_OPTION if the likelihood has no predictive distribution
 */
export const predictivePerWorker: Objective = (likelihood) => ({
  ...predictive(likelihood),
  joins: 'worker',
});
