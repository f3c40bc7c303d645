/** A rank of a job: `rank.js SCENARIO FOLDER` does what the scenario says, and writes what there is to say into the folder. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { CredenceError } from '../../lib/errors';
import { findMpi } from '../../lib/mpi/library';
import { Mpi } from '../../lib/mpi/mpi';

export interface Sums {
  rank: number;
  size: number;
  host: string;
  kind: string;
  float32: number[];
  max: number[];
  min: number[];
  float64: number[];
  int32: number[];
  shared: number[];
  broadcast: number[];
  swapped: number[];
  gathered: number[];
  large: [smallest: number, largest: number];
  empty: number;
}

/** What a wait that was given up says, and how long it took. */
export interface GivenUp {
  message: string;
  ms: number;
}

export interface Threads {
  sums: number[];
  ticks: number;
}

const reporter = (rank: number) => (what: unknown) =>
  writeFileSync(path.join(process.argv[3]!, `${rank}.json`), JSON.stringify(what));

/** What the call throws, and after how long. */
function failure(call: () => void): GivenUp {
  const start = performance.now();
  try {
    call();
  } catch (error) {
    return { message: (error as CredenceError).message, ms: performance.now() - start };
  }
  throw new Error('nothing was thrown');
}

/** Keeps this thread, and with it this rank, from MPI. */
const beAbsent = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

function sums(mpi: Mpi): Sums {
  const { rank, size, host } = mpi;
  const reduced = <T extends Float32Array | Float64Array | Int32Array>(
    values: T,
    operation?: 'sum' | 'max' | 'min',
  ): number[] => {
    mpi.allreduce(values, operation);
    return [...values];
  };
  const shared = new Float32Array(new SharedArrayBuffer(16), 4, 3).fill(rank + 1);
  const bytes = Uint8Array.of(rank, 10 + rank);
  mpi.broadcast(bytes, size - 1);
  const swapped = new Uint16Array(2 * size);
  const toEach = Uint16Array.from({ length: 2 * size }, (_, i) => 1000 * rank + i);
  const gathered = new Uint16Array(2 * size);
  mpi.startAlltoall(toEach, swapped).wait();
  mpi.startAllgather(Uint16Array.of(rank, 7 * rank), gathered).wait();
  const large = new Float32Array(3_000_000).fill(rank + 1); // 12 MB
  const pending = [mpi.startAllreduce(large), mpi.startAllreduce(shared)];
  for (const one of pending) one.wait({ deadline: 20_000 });
  mpi.barrier();
  return {
    ...{ rank, size, host, kind: findMpi().kind },
    float32: reduced(Float32Array.of(rank, 0.5)),
    max: reduced(Float32Array.of(rank, -rank), 'max'),
    min: reduced(Int32Array.of(rank, -rank), 'min'),
    float64: reduced(Float64Array.of(2 ** 40 + rank, 1e-300)),
    int32: reduced(Int32Array.of(rank, 2 ** 24 + 1)),
    shared: [...new Float32Array(shared.buffer)],
    broadcast: [...bytes],
    swapped: [...swapped],
    gathered: [...gathered],
    large: [Math.min(...large.subarray(0, 1000)), large.reduce((most, value) => Math.max(most, value))],
    empty: reduced(new Float32Array(0)).length,
  };
}

const scenarios = {
  sums: () => {
    const mpi = Mpi.start();
    reporter(mpi.rank)(sums(mpi));
    mpi.finish();
    mpi.finish(); // once more does nothing
  },
  /** Nobody calls finish. */
  leave: () => {
    const mpi = Mpi.start();
    mpi.barrier();
    reporter(mpi.rank)(true);
  },
  /** The last rank does not come, until the others have given up. */
  absent: () => {
    const mpi = Mpi.start();
    if (mpi.rank === mpi.size - 1) beAbsent(30_000);
    const deadline = failure(() => mpi.startAllreduce(new Float32Array(100_000)).wait({ deadline: 300 }));
    let asked = 0;
    const abandoned = failure(() => mpi.startBarrier().wait({ abandoned: () => ++asked > 20 }));
    reporter(mpi.rank)([deadline, abandoned]);
    mpi.abort(3);
  },
  /** The last rank ends by an error, while the others wait for it. */
  throws: () => {
    const mpi = Mpi.start();
    if (mpi.rank === mpi.size - 1) throw new Error('as the test wants it');
    mpi.barrier();
  },
  /** The last rank is killed, while the others wait for it. */
  killed: () => {
    const mpi = Mpi.start();
    if (mpi.rank === mpi.size - 1) process.kill(process.pid, 'SIGKILL');
    mpi.barrier();
  },
  /** Adds up in a worker thread, while the main thread's loop goes on and the others are late. */
  threads: async () => {
    const mpi = Mpi.start();
    let ticks = 0;
    const timer = setInterval(() => ticks++, 10);
    if (mpi.rank === mpi.size - 1) await sleep(500);
    const worker = new Worker(path.join(__dirname, 'rankThread.js'));
    // both from the start: a worker that ends may say so together with its last message
    const events = [once(worker, 'message'), once(worker, 'exit')] as Promise<unknown[]>[];
    const [message] = (await Promise.all(events)).flat();
    clearInterval(timer);
    reporter(mpi.rank)({ sums: message, ticks });
  },
  /** What cannot start. */
  refused: () => {
    const { message } = failure(() => Mpi.start());
    reporter(process.pid)(message);
  },
};

export type Scenario = keyof typeof scenarios;

void scenarios[process.argv[2] as Scenario]();
