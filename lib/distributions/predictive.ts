import type { Tensor } from '@tensorflow/tfjs';

/**
 * The distribution of a target by several samples of the weights together. It is known from statistics of the samples, [B, K], which
 * can be merged: calls that hold different samples find the distribution of all of them, and no outputs are exchanged.
 */
export interface Predictive {
  /**
   * What must be known of the samples at hand, [B, K], differentiable. All that the distribution depends on is in it, learned noise as
   * well: the gradients of calls with different samples add up to that of all.
   * @param outputs [S, B, ...]
   * @param y [B, ...]
   * @param parameters the values of `Likelihood.parameters`, in order
   */
  statistics(outputs: Tensor, y: Tensor, parameters: readonly Tensor[]): Tensor;
  /**
   * The statistics of the samples at hand and others together, [B, K], differentiable in `own`.
   * @param others [G, B, K]
   * @param joined [G], float32: 1 for statistics that count, 0 for those that do not, whatever they are
   */
  merge(own: Tensor, others: Tensor, joined: Tensor): Tensor;
  /**
   * -log p(y) of each datum, [B].
   * @param samples how many the statistics are of
   */
  nll(statistics: Tensor, y: Tensor, samples: number): Tensor;
}
