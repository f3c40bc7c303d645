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
