/** A worker thread of a rank: it adds up arrays, and says what came out. */
import { parentPort } from 'node:worker_threads';
import { Mpi } from '../../lib/mpi/mpi';

const mpi = Mpi.attach();
const sums: number[] = [];
for (let i = 0; i < 10; i++) {
  const values = new Float32Array(new SharedArrayBuffer(400_000)).fill(mpi.rank + i);
  mpi.startAllreduce(values).wait({ deadline: 20_000 });
  sums.push(values.at(-1)!);
}
parentPort!.postMessage(sums);
