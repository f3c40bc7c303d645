import type { NdArray } from '../ndarray';
import type { Control } from './control';
import type { Outcome } from './protocol';
import type { Workers } from './workers';

/** What is learned from. */
export interface TrainingData {
  x: NdArray;
  y: Int32Array | Float32Array;
  yShape: readonly number[];
}

/** All that training changes, as it is after some steps: what a run needs to go on. */
export interface TrainingState {
  /** Steps done. */
  step: number;
  vectors: readonly Float32Array[];
  /** The optimiser's arrays for each vector, in the order of the vectors. */
  slots: readonly Float32Array[];
}

export interface TrainingOptions extends Workers {
  steps: number;
  batch: number;
  seed: number;
}

/** What happens while it trains. */
export interface Observer {
  metrics(nll: number[], kl: number[]): void;
  snapshot(vectors: Float32Array[]): void;
}

/** A training that runs: how to steer it, and how it ends. */
export interface Training {
  control: Control;
  /** A copy of the vectors as they are in shared memory: of the last snapshot, or of the end. */
  vectors(): Float32Array[];
  outcome: Promise<Outcome>;
}
