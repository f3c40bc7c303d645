import { CredenceError } from '../errors';
import { ask, check, mpiApi } from './capi';
import { loadMpi } from './library';

const KEEP_MS = 0.2; // on a busy machine, who lets others have the core is back some milliseconds later
const SPIN_MS = 0.5; // what comes this soon is not slept through
const BURST_MS = 0.05; // after a nap, since an exchange takes several messages
const NAP_MS = 1;
const NAP_SHARE = 1 / 8; // of the time waited so far: who waits longer may wake up later
const BYTES_PER_MS = 100_000; // slower networks leave the time to sleep

/** How long, and for what, to wait. */
export interface Waiting {
  /** Milliseconds after which it is given up. Default: none. */
  deadline?: number;
  /** Asked time and again; if it says so, the wait is given up. */
  abandoned?: () => boolean;
}

/** An operation of MPI, as the C library knows it: a handle, as wide as the widest. */
export const newRequest = (): BigInt64Array => new BigInt64Array(1);

/** Operations that have not ended: MPI may yet write into their buffers, whoever has forgotten them. */
const unfinished = new Set<Pending>();

/** Whether this thread has started operations that have not ended. */
export const hasUnfinished = (): boolean => unfinished.size > 0;

const ended = (request: BigInt64Array): boolean =>
  ask((flag) => mpiApi().MPI_Test(request, flag, loadMpi().abi.statusIgnore), 'MPI_Test') !== 0;

/** What only wait reads: nobody ever wakes it. */
const bed = new Int32Array(new SharedArrayBuffer(4));

/**
 * An operation that goes on while this thread does something else: mostly in `done` and `wait`, since MPI works when it is called. Its
 * buffer must be left alone until it is done.
 */
export class Pending {
  private arrival: BigInt64Array | undefined;
  private readonly requests: BigInt64Array[] = [];

  /**
   * @param what it is, for messages: 'all-reduce'
   * @param bytes that it moves
   * @param calls that start it, a piece each: they keep the memory that MPI reads and writes
   * @param arrival the request of a barrier, started just before it. Where everybody has come, a large operation is worth a busy core;
   * before, it is not
   */
  constructor(
    private readonly what: string,
    private readonly bytes: number,
    private readonly calls: readonly ((request: BigInt64Array) => number)[],
    arrival?: (request: BigInt64Array) => number,
  ) {
    unfinished.add(this);
    if (arrival) {
      this.arrival = newRequest();
      check(arrival(this.arrival), what);
    }
    for (const call of this.calls) {
      const request = newRequest();
      check(call(request), what);
      this.requests.push(request);
    }
  }

  /** Whether it has ended. @throws CredenceError E_MPI */
  done(): boolean {
    if (this.arrival && ended(this.arrival)) this.arrival = undefined;
    while (this.requests.length > 0 && ended(this.requests.at(-1)!)) this.requests.pop();
    if (this.arrival || this.requests.length > 0) return false;
    unfinished.delete(this);
    return true;
  }

  /**
   * Waits for the end, without being stuck in MPI, and without keeping a core busy for long while others have not come.
   * @throws CredenceError E_MPI if MPI fails, or it is given up: then only `abort` is left to do, since an operation cannot be taken back
   */
  wait({ deadline = Infinity, abandoned }: Waiting = {}): void {
    const { yieldCore } = mpiApi();
    const start = performance.now();
    let busyUntil = SPIN_MS;
    let complete = false;
    while (!this.done()) {
      const waited = performance.now() - start;
      if (!complete && !this.arrival) {
        complete = true;
        busyUntil = waited + SPIN_MS + this.bytes / BYTES_PER_MS;
      }
      if (waited > deadline) throw this.givenUp(`not done within ${(deadline / 1000).toFixed(1)} s`);
      if (abandoned?.()) throw this.givenUp('abandoned');
      if (waited < busyUntil) {
        if (waited > KEEP_MS) yieldCore();
      } else {
        const nap = Math.min(NAP_MS, waited * NAP_SHARE);
        Atomics.wait(bed, 0, 0, nap);
        busyUntil = performance.now() - start + BURST_MS;
      }
    }
  }

  private givenUp(how: string): CredenceError {
    const who = this.arrival ? 'Some rank has not come to it' : 'A rank or the network does not answer';
    return new CredenceError(
      'E_MPI',
      `the ${this.what} was ${how}. ${who}: it may have died, hang, or do something else. End the job, and start it again: it goes on from its last checkpoint`,
    );
  }
}
