import { CredenceError } from '../errors';

/** What the workers of a run agree to do after a step. */
export const Decision = { go: 0, stop: 1, pause: 2 } as const;
export type Decision = (typeof Decision)[keyof typeof Decision];

// places in the shared array of 32-bit integers
const ARRIVED = 0; // workers that wait at the barrier
const PASSED = 1; // barriers that are complete (it may overflow: only whether it changes matters)
const WISH = 2; // what the person asks for: a Decision
const DECISION = 3; // what holds for the present step
const BROKEN = 4; // a worker has died
const SNAPSHOT = 5; // 1 while the main thread waits for a copy of the variables
const SAVED = 6; // some worker has claimed the final copy of the variables
const COPY = 7; // which of the two copies of the variables is whole
const LENGTH = 8;

const SPINS = 1000; // about as long as it takes a thread to fall asleep and wake up
const SLICE_MS = 50; // a sleeping worker looks this often whether a peer has died

/** What the others say when one has died. */
export const PEER_DIED = 'another worker of this run has died';

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

  /** Main thread: asks the workers to go on, to stop or to pause; they agree on it at the end of a step. */
  ask(wish: Decision): void {
    Atomics.store(this.flags, WISH, wish);
    Atomics.notify(this.flags, WISH);
  }

  /** Frees the workers that wait for one that has died. */
  break(): void {
    Atomics.store(this.flags, BROKEN, 1);
    Atomics.notify(this.flags, PASSED);
    Atomics.notify(this.flags, WISH);
  }

  /** Main thread: asks for a copy of the variables. */
  askSnapshot(): void {
    Atomics.store(this.flags, SNAPSHOT, 1);
  }

  /** Worker: whether a copy of the variables is wanted; asking clears it. */
  takeSnapshotWish(): boolean {
    return Atomics.exchange(this.flags, SNAPSHOT, 0) === 1;
  }

  /** The copy of the variables that is whole: 0 or 1. A worker writes to the other one. */
  get wholeCopy(): number {
    return Atomics.load(this.flags, COPY);
  }

  /** Worker: a copy is written; readers take it from now on. */
  publishCopy(copy: number): void {
    Atomics.store(this.flags, COPY, copy);
  }

  /** Worker: true for exactly one of the workers, which then writes the final copy of the variables. */
  claimFinalCopy(): boolean {
    return Atomics.exchange(this.flags, SAVED, 1) === 0;
  }

  /**
   * Worker: waits until all workers are here. The last one reads the person's wish and makes it the decision of all, so that
   * everybody stops after the same step.
   * @throws CredenceError E_WORKER if a peer has died
   */
  barrier(): void {
    const { flags, workers } = this;
    const passed = Atomics.load(flags, PASSED); // changes only when this worker has arrived too
    if (Atomics.add(flags, ARRIVED, 1) + 1 === workers) {
      Atomics.store(flags, ARRIVED, 0);
      Atomics.store(flags, DECISION, Atomics.load(flags, WISH));
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

  /** Worker: what was agreed at the last barrier. A lone worker has none and reads the wish itself. */
  get decision(): Decision {
    return Atomics.load(this.flags, this.workers === 1 ? WISH : DECISION) as Decision;
  }

  /** Worker: sleeps while the person's wish is to pause. */
  waitWhilePaused(): void {
    while (Atomics.load(this.flags, WISH) === Decision.pause) {
      this.assertWhole();
      Atomics.wait(this.flags, WISH, Decision.pause, SLICE_MS);
    }
  }

  private assertWhole(): void {
    if (Atomics.load(this.flags, BROKEN) === 1) throw new CredenceError('E_WORKER', PEER_DIED);
  }
}
