import type { Tensor } from '@tensorflow/tfjs';
import type { StreamPosition } from '../engine/random';
import type { Likelihood } from '../distributions/likelihood';
import type { Layer } from '../layers/layer';
import type { Shape } from '../ndarray';
import type { Optimizer } from '../optimizers/transform';

/** An array that training changes, with the values it starts from. */
export interface Variable {
  name: string;
  shape: Shape;
  /** Starting values for a seed. */
  initial(seed: number): Float32Array;
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

/** A batch, and where its random numbers lie. */
export interface Batch {
  /** [B, ...inputShape] */
  x: Tensor;
  /** [B, ...targetShape] */
  y: Tensor;
  position: Omit<StreamPosition, 'stream'>;
}

/**
 * Training as pure functions of tensors. `gradients` is a sum over samples, so that workers may share the samples out; what does
 * not depend on the data (the KL divergence, the optimiser) is in `update`, which every worker computes alike.
 */
export interface Program {
  variables: readonly Variable[];
  /** Whether draws differ: the model has a Bayesian parameter. */
  stochastic: boolean;
  /** Samples drawn for each step, over all workers. 1 if they would all be equal. */
  samples: number;
  /** Arrays the optimiser keeps for each variable, in the order of the variables. */
  slots: number;
  /** [nll, ...gradients of the variables] for `samples` of the samples, as this share of the whole. */
  gradients(variables: readonly Tensor[], batch: Batch, samples: number): Tensor[];
  /** [kl / N, ...variables, ...slots] after a step. @param step counted from 1, a float scalar */
  update(
    gradients: readonly Tensor[],
    variables: readonly Tensor[],
    slots: readonly Tensor[],
    step: Tensor,
  ): Tensor[];
  /** What `samples` draws of the posterior predict for x: see `Likelihood.predict`. */
  predict(variables: readonly Tensor[], x: Tensor, position: Batch['position'], samples: number): Tensor[];
}

/** A way to learn a posterior. */
export interface Method {
  readonly name: string;
  build(problem: Problem): Program;
}
