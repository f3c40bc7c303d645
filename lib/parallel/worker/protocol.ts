/** Everything that passes between the main thread and the workers of a run. */
import type { MessagePort } from 'node:worker_threads';
import type { LentContext } from '../../engine/native/loan';
import type { CredenceErrorCode } from '../../errors';
import type { Board } from '../memory/board';
import type { Place } from '../memory/meeting';
import type { ChainPlan } from '../plan/chainPlan';
import type { Share } from '../plan/schedule';
import type { SplitPlan } from '../plan/splitPlan';
import type { WholePlan } from '../plan/wholePlan';
import type { BadNumber } from '../step/badNumber';

/** What a worker computes in a step. */
export type StepPlan = WholePlan | SplitPlan | ChainPlan;

/** The part of one worker. */
export interface Task {
  board: Board;
  plan: StepPlan;
  share: Share;
  /** Workers of the run in this process. */
  workers: number;
  /** Where there are other processes: which one this is. */
  place: Place | undefined;
  /** Steps in all. */
  steps: number;
  /** Where it computes. */
  context: LentContext;
  /** Rank 0 reports here. */
  port: MessagePort | undefined;
}

/** Rank 0 to the main thread. */
export type Report =
  /** Of the steps since the last report, the first of which is number `step` (from 0). */
  | { type: 'metrics'; step: number; nll: number[]; kl: number[] }
  /** A copy of the state is in shared memory. */
  | { type: 'saved' }
  /** Nothing comes after it. */
  | { type: 'end' };

/** How a worker's part ended. */
export type Outcome =
  | { end: 'done' | 'stopped'; step: number }
  /** The loss at `step` was not finite; the state is that before it. */
  | { end: 'diverged'; step: number; nll: number; kl: number; bad: BadNumber | undefined }
  /** A peer has died: the last copy of the state stands. */
  | { end: 'abandoned' }
  /** An error of the worker; thrown ones lose their code between threads. */
  | { end: 'failed'; code: CredenceErrorCode; message: string };
