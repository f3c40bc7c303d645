import type { Mpi, Pending } from '../../mpi';
import { type Agreement, type Control, type Decision, PeerDied } from '../memory/control';
import type { Activity, Times } from '../step/stopwatch';

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
const told = ['nll', 'kl', 'decision', 'save'] as const;
const activities = ['compute', 'exchange', 'wait'] as const satisfies readonly Activity[];

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

/** The first worker of a process: speaks for it with those of the others. All of them must say the same things in the same order. */
export class Speaker {
  private readonly minutes: Float64Array;

  constructor(
    private readonly mpi: Mpi,
    private readonly meeting: Meeting,
    private readonly control: Control,
    private readonly place: Place,
  ) {
    this.minutes = new Float64Array(meeting.length);
  }

  /** Tells the losses of this process and how its time is spent; learns those of all, and what all do after this step. */
  meet(losses: Losses, times: Times): void {
    const { minutes, control, place } = this;
    // the others wish nothing: the sum is what the first one says
    const wish = place.number === 0 ? control.takeWish() : undefined;
    minutes.fill(0);
    minutes.set([losses.nll, losses.kl, wish?.decision ?? 0, wish?.save ? 1 : 0]);
    minutes.set(
      activities.map((activity) => times[activity]),
      told.length + place.number * activities.length,
    );
    this.sum(minutes);
    this.meeting.write(minutes);
    const agreement: Agreement = { decision: minutes[2] as Decision, save: minutes[3] === 1 };
    control.decree(agreement);
  }

  get processes(): number {
    return this.place.count;
  }

  /** Adds up over all processes, in place. @throws CredenceError E_MPI, PeerDied */
  sum(values: Float32Array | Float64Array): void {
    this.wait(this.mpi.startAllreduce(values));
  }

  /** Sends each process its part of `from`; parts of `to` are what each has sent. @throws CredenceError E_MPI, PeerDied */
  swap(from: ArrayBufferView, to: ArrayBufferView): void {
    this.wait(this.mpi.startAlltoall(from, to));
  }

  /** Sends all processes these values; parts of `to` are those of each. @throws CredenceError E_MPI, PeerDied */
  gather(values: ArrayBufferView, to: ArrayBufferView): void {
    this.wait(this.mpi.startAllgather(values, to));
  }

  private wait(pending: Pending): void {
    const { control, place } = this;
    try {
      pending.wait({ deadline: place.patience, abandoned: () => control.isBroken });
    } catch (error) {
      if (control.isBroken) throw new PeerDied(); // which is the cause, and not that nobody waits
      throw error;
    }
  }
}
