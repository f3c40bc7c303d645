import { epochEnd } from '../plan/schedule';

/** What the workers of a run agree to do after a step; `finish` is to go on to the end of the epoch. */
export const Decision = { go: 0, stop: 1, pause: 2, finish: 3 } as const;
export type Decision = (typeof Decision)[keyof typeof Decision];

// places in the shared array of 32-bit integers
const ARRIVED = 0; // workers that wait at the barrier
const PASSED = 1; // barriers that are complete (it may overflow: only whether it changes matters)
const WISH = 2; // what the person asks for: a Decision
const DECISION = 3; // what holds for the present step
const BROKEN = 4; // a worker has died
const SAVE_WISH = 5; // 1 while somebody waits for a copy of the state
const SAVE = 6; // whether the state is copied after the present step
const COPY = 7; // which of the two copies of the state is whole
const STEP = 8; // the steps done in the first copy, and in the second
const SAVES = 10; // copies made so far
const LENGTH = 11;

const SPINS = 1000; // about as long as it takes a thread to fall asleep and wake up
const SLICE_MS = 50; // a sleeping worker looks this often whether a peer has died

/** Thrown at a barrier to those who wait for a worker that has died. It never leaves the worker's thread. */
export class PeerDied extends Error {
  constructor() {
    super('another worker of this run has died');
  }
}

/** What all workers do after a step. */
export interface Agreement {
  decision: Decision;
  /** Whether the state is copied to where the main thread, and workers that replace dead ones, find it. */
  save: boolean;
}

/** Where a training is. */
interface Progress {
  step: number;
  /** The step it ends with. */
  last: number;
  /** Data in all, and in a step. */
  rows: number;
  batch: number;
}

/** What an agreement means for a training that has made a step: with which one it ends, and whether the state is saved now. */
export function meaningOf(
  { decision, save }: Agreement,
  { step, last: before, rows, batch }: Progress,
): { last: number; saves: boolean } {
  const last = decision === Decision.finish ? Math.min(before, epochEnd(step, rows, batch)) : before;
  const halts = decision === Decision.stop || decision === Decision.pause;
  return { last, saves: save || halts || step === last };
}

/**
 * How main thread and workers of one run speak while the workers compute: flags in shared memory and a barrier. No message has
 * to be delivered for a stop to take effect, and no wait is without bound.
 */
export class Control {
  private readonly flags: Int32Array<SharedArrayBuffer>;

  constructor(
    readonly buffer: SharedArrayBuffer = new SharedArrayBuffer(4 * LENGTH),
    private readonly workers = 1,
  ) {
    this.flags = new Int32Array(buffer);
  }

  /** Main thread: asks the workers to go on, to stop, to finish or to pause; they agree on it at the end of a step. */
  ask(wish: Decision): void {
    Atomics.store(this.flags, WISH, wish);
    Atomics.notify(this.flags, WISH);
  }

  /** What was asked for last. */
  get wish(): Decision {
    return Atomics.load(this.flags, WISH) as Decision;
  }

  /** Asks for a copy of the state after the present step. */
  askSave(): void {
    Atomics.store(this.flags, SAVE_WISH, 1);
  }

  /** Frees the workers that wait for one that has died. */
  break(): void {
    Atomics.store(this.flags, BROKEN, 1);
    Atomics.notify(this.flags, PASSED);
    Atomics.notify(this.flags, WISH);
  }

  /** Main thread, when no worker is at work: workers may meet again. */
  mend(): void {
    Atomics.store(this.flags, ARRIVED, 0);
    Atomics.store(this.flags, BROKEN, 0);
  }

  /** The copy of the state that is whole, 0 or 1, and how many steps were done when it was made. Workers write to the other one. */
  get whole(): { copy: number; step: number } {
    const copy = Atomics.load(this.flags, COPY);
    return { copy, step: Atomics.load(this.flags, STEP + copy) };
  }

  /** Copies made so far: who reads a copy knows by it whether another one has been written meanwhile. */
  get saves(): number {
    return Atomics.load(this.flags, SAVES);
  }

  /** One worker, after all have written their parts of the other copy: readers take that from now on. */
  publish(copy: number, step: number): void {
    Atomics.store(this.flags, STEP + copy, step);
    Atomics.store(this.flags, COPY, copy);
    Atomics.add(this.flags, SAVES, 1);
  }

  /**
   * Worker: waits until all workers are here.
   * @throws PeerDied
   */
  barrier(): void {
    this.meet(false);
  }

  /**
   * Worker: the barrier at the end of a step. The last one to come reads what is wished for and makes it the agreement of all, so that
   * everybody stops after the same step.
   * @throws PeerDied
   */
  agree(): Agreement {
    this.meet(true);
    return this.agreement;
  }

  /** What all workers of this process do after the present step. */
  get agreement(): Agreement {
    const { flags } = this;
    return {
      decision: Atomics.load(flags, DECISION) as Decision,
      save: Atomics.load(flags, SAVE) === 1,
    };
  }

  /** One worker, while the others wait: makes this the agreement. */
  decree({ decision, save }: Agreement): void {
    Atomics.store(this.flags, DECISION, decision);
    Atomics.store(this.flags, SAVE, save ? 1 : 0);
  }

  /** One worker: what is wished for. A wish for a copy of the state is told once. */
  takeWish(): Agreement {
    return { decision: this.wish, save: Atomics.exchange(this.flags, SAVE_WISH, 0) === 1 };
  }

  /** Whether a worker has died. */
  get isBroken(): boolean {
    return Atomics.load(this.flags, BROKEN) === 1;
  }

  private meet(decide: boolean): void {
    const { flags, workers } = this;
    this.assertWhole();
    const passed = Atomics.load(flags, PASSED); // changes only when this worker has arrived too
    if (Atomics.add(flags, ARRIVED, 1) + 1 === workers) {
      Atomics.store(flags, ARRIVED, 0);
      if (decide) this.decree(this.takeWish());
      Atomics.add(flags, PASSED, 1);
      Atomics.notify(flags, PASSED);
      return;
    }
    for (let i = 0; i < SPINS; i++) if (Atomics.load(flags, PASSED) !== passed) return;
    while (Atomics.load(flags, PASSED) === passed) {
      this.assertWhole();
      Atomics.wait(flags, PASSED, passed, SLICE_MS);
    }
  }

  /**
   * Worker: sleeps while the person's wish is to pause.
   * @param remind of one worker: called when somebody asks for a copy of the state, since the one made before the pause is up to date
   */
  waitWhilePaused(remind?: () => void): void {
    const { flags } = this;
    while (this.wish === Decision.pause) {
      this.assertWhole();
      if (remind && Atomics.exchange(flags, SAVE_WISH, 0) === 1) remind();
      Atomics.wait(flags, WISH, Decision.pause, SLICE_MS);
    }
  }

  /** Worker: sleeps for a moment. @throws PeerDied */
  nap(): void {
    this.assertWhole();
    Atomics.wait(this.flags, BROKEN, 0, SLICE_MS);
  }

  private assertWhole(): void {
    if (this.isBroken) throw new PeerDied();
  }
}
