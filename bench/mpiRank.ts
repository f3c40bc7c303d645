/** A rank of a job that adds up arrays of the sizes it is given, in bytes; the first prints the median milliseconds of each. */
import { Mpi } from '../lib/mpi/mpi';
import { median } from './statistics';

const LEAST_TIMES = 5;
const LIMIT_MS = 1500; // for a size

const mpi = Mpi.start();

/** The ranks must agree on when to end: the first one's watch decides. */
function goOn(count: number, start: number): boolean {
  const going = Int32Array.of(Number(count < LEAST_TIMES || performance.now() - start < LIMIT_MS));
  mpi.broadcast(going);
  return going[0] === 1;
}

function millisecondsOf(bytes: number): number {
  const values = new Float32Array(bytes / 4);
  const times: number[] = [];
  const start = performance.now();
  while (goOn(times.length, start)) {
    values.fill(1);
    mpi.barrier();
    const from = performance.now();
    mpi.allreduce(values);
    times.push(performance.now() - from);
    if (values.at(-1) !== mpi.size) throw new Error(`wrong sum: ${values.at(-1)}`);
  }
  return median(times.slice(1));
}

const medians = process.argv.slice(2).map((bytes) => millisecondsOf(Number(bytes)));
if (mpi.rank === 0) process.stdout.write(`${JSON.stringify(medians)}\n`);
mpi.finish();
