import type { Tensor } from '@tensorflow/tfjs';
import type { Likelihood } from '../distributions/likelihood';
import type { Layer } from '../layers/layer';
import type { Shape } from '../ndarray';
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

/** A batch, and its noise. */
export interface Batch {
  /** [B, ...inputShape] */
  x: Tensor;
  /** [B, ...targetShape] */
  y: Tensor;
  /** [streams, S, 2], int32: the keys of the random numbers of the samples at hand, see `noiseKeys`. */
  keys: Tensor;
}

/**
 * Training as pure functions of tensors. `gradients` is a sum over samples, so that workers may share the samples out; what does
 * not depend on the data (the KL divergence, the optimiser) is in `update`, which every worker computes alike.
 */
export interface Program {
  /** What training changes. Few and flat, so that an update is one pass over memory however many variables there are. */
  vectors: readonly Vector[];
  variables: readonly Variable[];
  /** Whether draws differ: the model has a Bayesian parameter. */
  stochastic: boolean;
  /** Samples drawn for each step, over all workers. 1 if they would all be equal. */
  samples: number;
  /** Tensors of noise that a step draws. */
  streams: number;
  /** Arrays the optimiser keeps for each vector, in the order of the vectors. */
  slots: number;
  /** [nll, ...gradients of the vectors] for the samples whose keys the batch has, as this share of the whole. */
  gradients(vectors: readonly Tensor[], batch: Batch): Tensor[];
  /** [kl / N, ...vectors, ...slots] after a step. @param step counted from 1, a float scalar */
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
