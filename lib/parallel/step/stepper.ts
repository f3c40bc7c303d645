import type { Agreement } from '../memory/control';
import type { BadNumber } from './badNumber';

/** Makes the steps of a worker, and holds the state that they change. */
export interface Stepper {
  /** Makes the next step, or several of the `left` ones if one call does, up to where all workers agree on what comes next. */
  advance(step: number, left: number): Advance;
  /** Where the last `advance` met a number that is not finite. */
  badNumber(): BadNumber | undefined;
  /** Goes on from the state after the last `advance`. */
  accept(): void;
  /** Forgets the last `advance`, and goes on from the state before the one it began with, if there is one. Whether there was. */
  goBack(): boolean;
  /** Writes this worker's part of the state to these arrays: of the vectors, then of the optimiser's slots, which may be left out. */
  save(arrays: readonly Float32Array[]): void;
}

/** The losses of the steps of one call, each with the state that the step began with. */
export interface Advance {
  nlls: readonly number[];
  kls: readonly number[];
  agreement: Agreement;
}
