import type { Tensor } from '@tensorflow/tfjs';
import type { Likelihood } from '../distributions/likelihood';
import type { Layer } from '../layers/layer';
import type { Shape } from '../ndarray';
import type { Others } from '../objectives/objective';
import type { Optimizer } from '../optimizers/transform';

/** A flat array that training changes: the variables of one role, one after the other. */
export interface Vector {
  length: number;
  /** Starting values for a seed. */
  initial(seed: number): Float32Array;
}

/** An array that is learned, as a person knows it, and where it lies among the vectors. */
export interface Variable {
  name: string;
  shape: Shape;
  /** Index of the vector it is part of, and its first element there. */
  vector: number;
  offset: number;
}

/** What a method needs to know to set up training. */
export interface Problem {
  model: Layer;
  likelihood: Likelihood;
  optimizer: Optimizer;
  /** Shapes of one datum. */
  inputShape: Shape;
  targetShape: Shape;
  /** Number of data: the KL divergence counts 1/N per datum. */
  size: number;
}

/** The data and samples of a step that one call is about: all of them, or the share of a worker. */
export interface Batch {
  /** [B, ...inputShape] */
  x: Tensor;
  /** [B, ...targetShape] */
  y: Tensor;
  /** [streams, S, 2], int32: the keys of the random numbers of the samples at hand, see `noiseKeys`. */
  keys: Tensor;
  /** The place of the first of these data in the whole batch, int32, []: the noise of a datum is keyed by its place there. */
  first: Tensor;
  /** Data in the whole batch, over all workers. */
  size: number;
}

export type { Others };

/**
 * Training as pure functions of tensors. `gradients` is a sum over data and samples, so that workers may share both out; what does
 * not depend on the data (the KL divergence, the optimiser) is in `update`, which is elementwise, so that workers may share that out
 * as well.
 */
export interface Program {
  /** What training changes. Few and flat, so that an update is one pass over memory however many variables there are. */
  vectors: readonly Vector[];
  variables: readonly Variable[];
  /** Whether draws predict different things: the model has a Bayesian parameter, or noise that is always on. */
  stochastic: boolean;
  /** Samples drawn for each step, over all workers. 1 if they would all be equal. */
  samples: number;
  /** Tensors of noise that a step draws. */
  streams: number;
  /** Arrays the optimiser keeps for each vector, in the order of the vectors. */
  slots: number;
  /**
   * Where the loss is not a sum over samples: what must be known of all samples of a datum, [B, K], before the gradient of any can be
   * taken. Undefined where the loss is a sum.
   */
  statistics?(vectors: readonly Tensor[], batch: Batch): Tensor;
  /** Whose samples the statistics are joined over: all of the step, or those of one worker (the paper's approximation). */
  joins?: 'step' | 'worker';
  /**
   * [nll, ...gradients of the vectors] for the data and samples at hand, as this share of the whole: those of all calls of a step add up.
   * @param others where `statistics` is defined and the samples at hand are not all that are joined
   */
  gradients(vectors: readonly Tensor[], batch: Batch, others?: Others): Tensor[];
  /** The same, where a gradient may come in pieces that follow each other: what is written to shared memory need not be joined before. */
  gradientPieces?(vectors: readonly Tensor[], batch: Batch, others?: Others): Tensor[];
  /**
   * [kl / N, ...vectors, ...slots] after a step, elementwise: given corresponding parts of all vectors it gives these parts, and their
   * share of the divergence. @param step counted from 1, a float scalar
   */
  update(
    gradients: readonly Tensor[],
    vectors: readonly Tensor[],
    slots: readonly Tensor[],
    step: Tensor,
  ): Tensor[];
  /** What the draws with these keys predict for x: see `Likelihood.predict`. */
  predict(vectors: readonly Tensor[], x: Tensor, keys: Tensor): Tensor[];
}

/** A way to learn a posterior. */
export interface Method {
  readonly name: string;
  build(problem: Problem): Program;
}
