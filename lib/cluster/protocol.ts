/** Everything that passes between who asks for a training and the processes that do it. */
import type { CredenceErrorCode } from '../errors';
import type { BoardSpec } from '../parallel/memory/board';
import type { Decision } from '../parallel/memory/control';
import type { StepPlan } from '../parallel/worker/protocol';
import type { Share } from '../parallel/plan/schedule';
import type { TrainingState } from '../parallel/plan/state';
import type { Times } from '../parallel/memory/stopwatch';
import type { Ending } from '../parallel/training';

/** A process of a job, as it tells of itself. */
export interface Rank {
  host: string;
  pid: number;
  /** Workers that it has room for: its share of the GPUs of its host, or else of the cores. */
  workers: number;
  /** What they compute on: 'CPU', 'NVIDIA H100'. */
  device: string;
}

/** A training in plain values: what every process is told. */
export interface Job {
  board: BoardSpec;
  /** By process and worker. */
  plans: StepPlan[][];
  crews: Share[][];
  statistics: number[];
  steps: number;
}

/** To the first process. */
export type Order =
  { type: 'train'; job: Job } | { type: 'ask'; wish: Decision } | { type: 'save' } | { type: 'close' };

/** From the first process. */
export type News =
  | { type: 'ready'; ranks: Rank[]; library: string }
  | { type: 'metrics'; step: number; nll: number[]; kl: number[]; times: readonly Times[] }
  /** The state, without the kept vectors that were told before. */
  | { type: 'saved'; state: TrainingState }
  | { type: 'ended'; ending: Ending; times: readonly Times[] }
  | { type: 'failed'; code: CredenceErrorCode; message: string };

/** From the first process to the others. */
export type Task = { type: 'train'; job: Job } | { type: 'close' };
