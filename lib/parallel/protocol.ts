/** Everything that passes between the main thread and the workers of a run. */
import type { MessagePort } from 'node:worker_threads';
import type { SharedMemory } from '../engine/native/memory';
import type { CredenceErrorCode } from '../errors';
import type { Shape } from '../ndarray';
import type { Key } from '../threefry';
import type { StepPlan, StepShapes } from './plan';

/** What all workers of a run share. */
export interface Job {
  shapes: StepShapes;
  /** Shapes of the vectors; each has `slots` arrays of optimiser state of the same shape. */
  vectors: readonly Shape[];
  slots: number;
  /** Tensors of noise that a step draws. */
  streams: number;
  /** The key of the order of the data, and that of the noise. */
  order: Key;
  noise: Key;
  steps: number;
  x: SharedMemory;
  y: SharedMemory;
  /** Vectors, then slots: their start values, copies on demand, and at the end their last values. */
  state: SharedMemory; // two sets: while one is written, the other is whole
  /** One set of gradients for each worker, then their sum. Empty for a lone worker. */
  gradients: SharedMemory;
  control: SharedArrayBuffer;
}

/** The part of one worker. */
export interface Task {
  job: Job;
  plan: StepPlan;
  rank: number;
  workers: number;
  /** The samples that this worker draws. */
  samples: number;
  firstSample: number;
  /** Index of the GPU, or undefined for the CPU. */
  gpu: number | undefined;
  /** Rank 0 reports here. */
  port: MessagePort | undefined;
}

/** Rank 0 to the main thread. */
export type Report =
  | { type: 'metrics'; nll: number[]; kl: number[] } // of the steps since the last report
  | { type: 'snapshot'; step: number }
  | { type: 'end' }; // nothing comes after it

/** How a worker's part ended. */
export type Outcome =
  | { end: 'done' | 'stopped'; step: number }
  /** The loss at `step` was not finite; the variables are those before it. */
  | { end: 'diverged'; step: number; nll: number; kl: number }
  /** An error of the worker; thrown ones lose their code between threads. */
  | { end: 'failed'; code: CredenceErrorCode; message: string };
