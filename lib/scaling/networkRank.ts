/** A rank of a job that adds up vectors of the sizes that it is given, in bytes; the first one prints the median seconds of each. */
import { Mpi } from '../mpi';
import { median } from './cells';

const LEAST_TIMES = 5;
const LIMIT_MS = 1000; // for a size

const mpi = Mpi.start();

/** The ranks must agree on when to end: the first one's watch decides. */
function goesOn(count: number, start: number): boolean {
  const going = Int32Array.of(Number(count < LEAST_TIMES || performance.now() - start < LIMIT_MS));
  mpi.broadcast(new Uint8Array(going.buffer), 0);
  return going[0] === 1;
}

function secondsOf(bytes: number): number {
  const values = new Float32Array(bytes / 4);
  const times: number[] = [];
  const start = performance.now();
  while (goesOn(times.length, start)) {
    values.fill(1);
    mpi.barrier();
    const from = performance.now();
    mpi.allreduce(values);
    times.push((performance.now() - from) / 1000);
    if (values.at(-1) !== mpi.size) throw new Error(`wrong sum: ${values.at(-1)}`);
  }
  return median(times.slice(1)); // the first one makes room
}

const seconds = process.argv.slice(2).map((bytes) => secondsOf(Number(bytes)));
if (mpi.rank === 0) process.stdout.write(`${JSON.stringify(seconds)}\n`);
mpi.finish();
