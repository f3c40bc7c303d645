import type * as tf from '@tensorflow/tfjs';
import type { Likelihood } from '../distributions/likelihood';

/** What a model computed for the data and samples of one call, as a share of a step. */
export interface Share {
  /** [S, B, ...]: outputs of the samples and data at hand. */
  outputs: tf.Tensor;
  /** [B, ...] */
  y: tf.Tensor;
  /** The values of the likelihood's parameters. */
  parameters: readonly tf.Tensor[];
  /** Samples and data of the whole step, over all calls. */
  samples: number;
  size: number;
}

/** What the other calls of a step found of their samples, for a loss that is not a sum over samples. */
export interface Others {
  /** [G, ...]: the `statistics` of G calls that saw the same data, this one among them. */
  statistics: tf.Tensor;
  /** [G], float32: 1 for a call whose samples are joined with those at hand, 0 for one that is not (and for this call itself). */
  joined: tf.Tensor;
  /** Samples of the joined calls and of this one together. */
  samples: number;
  /** Calls that are joined, this one included: each counts as one part of the value of the loss. */
  calls: number;
}

/** The data term of a loss, with a likelihood. */
export interface DataTerm {
  /**
   * Where the loss is not a sum over samples: what must be known of all samples of a datum, [B, K], before the gradient of any can be
   * taken. Undefined where the loss is a sum.
   */
  statistics?(share: Share): tf.Tensor;
  /** Whose samples the statistics are joined over: all of the step, or those of one worker. */
  joins?: 'step' | 'worker';
  /**
   * The loss of the data at hand, as their share of the batch. Its gradients, each by the samples at hand, add up over the calls of a
   * step. So do its values where it is a sum over samples; else the calls that are joined have found one value, and it counts once.
   * @param others where `statistics` is defined and the samples at hand are not all that are joined
   */
  loss(share: Share, others?: Others): tf.Scalar;
}

/**
 * What is minimised, beside the divergence from the prior.
 * @throws CredenceError E_OPTION if the likelihood lacks what it needs
 */
export type Objective = (likelihood: Likelihood) => DataTerm;
