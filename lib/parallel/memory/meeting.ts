import type { Activity, Times } from './stopwatch';

/** A process among those that train the same model, each with workers of its own. */
export interface Place {
  /** From 0. The first one is told what the person wishes. */
  number: number;
  /** How many processes there are. */
  count: number;
  /** Milliseconds that a process waits for the others before it gives them up. */
  patience: number;
}

/** Numbers that are told of a step, and of each process. */
export const told = ['nll', 'kl', 'decision', 'save'] as const;
export const activities = ['compute', 'exchange', 'wait'] as const satisfies readonly Activity[];

/** Losses of the samples and data at hand. */
export interface Losses {
  nll: number;
  kl: number;
}

/**
 * What the processes of a run find out together, once a step: the losses of all, and what comes next. The first worker of each process
 * speaks for it. What was said then stands in shared memory, for the other workers and the main thread.
 */
export class Meeting {
  private readonly minutes: Float64Array;

  static allocate(processes: number): SharedArrayBuffer {
    const numbers = told.length + processes * activities.length;
    return new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT * numbers);
  }

  constructor(buffer: SharedArrayBuffer) {
    this.minutes = new Float64Array(buffer);
  }

  /** Of all samples and data, as of the last time. */
  get losses(): Losses {
    return { nll: this.minutes[0]!, kl: this.minutes[1]! };
  }

  /** Seconds that a worker of each process has spent so far, on average. */
  get times(): Times[] {
    return Array.from({ length: (this.minutes.length - told.length) / activities.length }, (_, process) => {
      const [compute, exchange, wait] = this.minutes.subarray(told.length + process * activities.length);
      return { compute: compute!, exchange: exchange!, wait: wait! };
    });
  }

  write(minutes: Float64Array): void {
    this.minutes.set(minutes);
  }

  get length(): number {
    return this.minutes.length;
  }
}
