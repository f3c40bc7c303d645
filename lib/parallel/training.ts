import type { BuiltAugmentation } from '../augmentations';
import type { Program, TrainingData } from '../inference/method';
import type { Decision } from './memory/control';
import type { Times } from './memory/stopwatch';
import type { Exchange } from './plan/gradientFormat';
import type { Mesh } from './plan/mesh';
import type { TrainingState } from './plan/state';
import type { Outcome } from './worker/protocol';

export type { TrainingData };

export interface TrainingOptions {
  mesh: Mesh;
  /** Steps in all, counted from the beginning, also where training goes on from a state. */
  steps: number;
  batch: number;
  seed: number;
  /** Samples that one call may compute at most: fewer take less memory. Default all that a worker has. */
  samplesPerCall?: number | undefined;
  augmenter?: BuiltAugmentation | undefined;
  /** Groups of samples that see differently augmented data. Default one for each group of workers that share samples. */
  augmentationGroups?: number | undefined;
  /** How gradients travel between workers. Default 'float32'. */
  exchange?: Exchange | undefined;
  /** The state to go on from. */
  from?: TrainingState | undefined;
}

/** Starts a training: here (`startTraining`), or elsewhere. */
export type StartTraining = (
  program: Program,
  data: TrainingData,
  options: TrainingOptions,
  observer: Observer,
) => Training;

/** What happens while it trains. */
export interface Observer {
  /** The losses of some steps, the first of which is number `step` (from 0). Steps that are redone are told again. */
  metrics(step: number, nll: number[], kl: number[]): void;
  /** The state was copied, because somebody asked for it or because a while has passed. @param read gives that copy, for keeps */
  saved(read: () => TrainingState): void;
  /** A worker has died; training goes on from the last copy of the state. */
  recovered?(cause: Error, step: number): void;
}

/** How a training ended that nothing prevented from ending. */
export type Ending = Exclude<Outcome, { end: 'failed' | 'abandoned' }>;

/** A training that runs: how to steer it, and how it ends. */
export interface Training {
  ask(wish: Decision): void;
  /** Asks for a copy of the state; the observer gets it. */
  askSave(): void;
  /** The last copy of the state: the last state, once training has ended. */
  state(): TrainingState;
  /** Seconds that each worker has spent so far; where there are several processes, a worker of each process on average. */
  times(): readonly Times[];
  /** @throws CredenceError E_WORKER, E_ENGINE, E_MEMORY if it cannot go on */
  ending: Promise<Ending>;
}
