import type { Tensor } from '@tensorflow/tfjs';
import type { Likelihood } from '../distributions/likelihood';
import type { Layer } from '../layers/layer';
import type { NdArray, Shape } from '../ndarray';
import type { Others } from '../objectives/objective';
import type { Optimizer } from '../optimizers/transform';
import type { Sampler } from './chains/chain';
import type { ChainDiagnostics } from './chains/diagnostics';
import type { ChainLayout } from './chains/layout';

/** A flat array that training changes: the variables of one role, one after the other. */
export interface Vector {
  length: number;
  /** Starting values for a seed. */
  initial(seed: number): Float32Array;
  /**
   * Whether its numbers are no parameters that are learned but averages that follow statistics of batches, by their gradients as these are
   * (see `Draw.moving`). Workers must see whole batches then.
   */
  isMoving?: boolean;
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
  /** Steps that will be made, and how many of them see all data once. */
  steps: number;
  stepsPerEpoch: number;
  /** The run's, for random numbers that are drawn neither for a sample nor for a start. Default 0. */
  seed?: number;
}

/** What is learned from. */
export interface TrainingData {
  x: NdArray;
  y: Int32Array | Float32Array;
  yShape: readonly number[];
}

/** The data and samples of a step that one call is about: all of them, or the share of a worker. */
export interface Batch {
  /** [B, ...inputShape] */
  x: Tensor;
  /** [B, ...targetShape] */
  y: Tensor;
  /** [streams, S, 2], int32: the keys of the random numbers of the samples at hand, see `noiseKeys`. */
  keys: Tensor;
  /** [S], int32: the numbers of these samples among all of the step. */
  numbers: Tensor;
  /** The place of the first of these data in the whole batch, int32, []: the noise of a datum is keyed by its place there. */
  first: Tensor;
  /** The number of the step, counted from 1, float32, []. */
  step: Tensor;
  /** Data in the whole batch, over all workers. */
  size: number;
}

export type { Others };

/** What the draws that a prediction asks for are made of. */
export type Draws = Pick<Batch, 'keys' | 'numbers'>;

/** When the vectors are kept, as they are then: after step `from` (counted from 1), and again every so many steps, `count` times in all. */
export interface Keeping {
  from: number;
  every: number;
  count: number;
}

/** What training has come to. */
export interface Trained {
  vectors: readonly Float32Array[];
  /** The vectors as they were when they were kept, so far. */
  kept: readonly (readonly Float32Array[])[];
}

/** What predictions are made by. */
export interface Learned {
  vectors: readonly Float32Array[];
  /** What a person finds in them. */
  variables: readonly Variable[];
  /** Draws that predict different things: infinitely many of a density, 1 where there is nothing random. */
  draws: number;
  /** Where the draws are those of Markov chains, as many of each, chain after chain: how many chains. Variables are [draws, ...shape]. */
  chains?: number;
  /** Where those are of Hamiltonian Monte Carlo: how its iterations went. */
  diagnostics?: ChainDiagnostics;
  /** What else is known of them, a line each: printed with the posterior. */
  notes?: readonly string[];
}

/** Markov chains that lie in the vectors and slots of a program, and the density they move over. */
export interface Hamiltonian {
  sampler: Sampler;
  layout: ChainLayout;
  /** -log of the density of one chain, by all data: q [dim] -> [nll, nlp, ...gradient] of the sum of both, [2 + dim]. */
  potential(q: Tensor, x: Tensor, y: Tensor): Tensor;
}

/**
 * Training as pure functions of tensors. `gradients` is a sum over data and samples, so that workers may share both out; what does
 * not depend on the data (the KL divergence, the optimiser) is in `update`, which is elementwise, so that workers may share that out
 * as well.
 */
export interface Program {
  /** What training changes. Few and flat, so that an update is one pass over memory however many variables there are. */
  vectors: readonly Vector[];
  variables: readonly Variable[];
  /** See `Learned`. */
  draws: number;
  /** Samples drawn for each step, over all workers. 1 if they would all be equal. */
  samples: number;
  /** Tensors of noise that a step draws. */
  streams: number;
  /** Arrays the optimiser keeps for each vector, in the order of the vectors. */
  slots: number;
  /** Whose arrays these are, where steps are made that follow gradients. */
  optimizer?: Optimizer;
  /**
   * Where the loss is not a sum over samples: what must be known of all samples of a datum, [B, K], before the gradient of any can be
   * taken. Undefined where the loss is a sum.
   */
  statistics?(vectors: readonly Tensor[], batch: Batch): Tensor;
  /** Whose samples the statistics are joined over: all of the step, or those of one worker (the paper's approximation). */
  joins?: 'step' | 'worker';
  /**
   * [losses, ...gradients of the vectors] for the data and samples at hand, as this share of the whole: those of all calls of a step add up.
   * The losses are the nll, or [nll, kl] with what of the divergence is not elementwise.
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
  /**
   * Where a step is an iteration of Markov chains by all data, as many as there are samples: how they move. Then there are no gradients
   * and no update.
   */
  hamiltonian?: Hamiltonian;
  /** Where what is learned are the vectors at several times: when they are kept. */
  keeping?: Keeping;
  /** What is learned so far, where that is not just the vectors. */
  learn?(trained: Trained): Learned;
  /** What is learned in the end, where that takes another look at the data. */
  conclude?(trained: Trained, data: TrainingData): Promise<Learned>;
  /** Refuses inputs, [N, ...inputShape], that are not fit for the model. @throws CredenceError E_DATA */
  checkInputs?(x: ArrayLike<number>): void;
  /** Random numbers that a draw of what is learned takes for its weights. */
  drawnNumbers: number;
  /** What draws of what is learned predict for x: see `Likelihood.predict`. */
  predict(learned: readonly Tensor[], x: Tensor, draws: Draws): Tensor[];
  /** The same, then the log likelihood of each datum by each of these draws, [S, B]. */
  evaluate(learned: readonly Tensor[], x: Tensor, y: Tensor, draws: Draws): Tensor[];
}

/** A way to learn a posterior. */
export interface Method {
  readonly name: string;
  /** Options of `fit` that mean nothing to it, since it makes steps of its own. */
  readonly refuses?: readonly (
    'optimizer' | 'epochs' | 'batchSize' | 'augment' | 'samplesPerCall' | 'exchange'
  )[];
  /** Where it makes so many steps of its own: each sees all data. */
  readonly iterations?: number;
  /** What training does, as functions of tensors. */
  build(problem: Problem): Program;
}

/** What is learned so far. */
export const learnedBy = (program: Program, trained: Trained): Learned =>
  program.learn?.(trained) ?? {
    vectors: trained.vectors,
    variables: program.variables,
    draws: program.draws,
  };
