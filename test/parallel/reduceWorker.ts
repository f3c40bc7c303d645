/** A worker thread that adds its numbers to those of the others, some times. */
import { parentPort, workerData } from 'node:worker_threads';
import { Context } from '../../lib/engine/native/context';
import { DataType } from '../../lib/engine/native/dtype';
import { sizeOf } from '../../lib/ndarray';
import { AllReduce } from '../../lib/parallel/allReduce';
import { Control } from '../../lib/parallel/control';
import type { Job } from '../../lib/parallel/protocol';

export interface ReduceWork {
  job: Pick<Job, 'vectors' | 'gradients' | 'control'>;
  rank: number;
  workers: number;
  rounds: number;
}

/** What this rank gives in a round: numbers whose sum depends on the order in which they are added. */
export const partOf = (rank: number, round: number, length: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.sin(1 + i + 10 * round) * 10 ** (3 * rank));

/** The sums of every round: of the nll, then of all gradients in one list. */
export type ReduceResult = Float32Array[];

function main({ job, rank, workers, rounds }: ReduceWork): ReduceResult {
  const context = new Context();
  const control = new Control(job.control, workers);
  const reduce = new AllReduce(context, job as Job, rank, workers, control);
  const results = Array.from({ length: rounds }, (_, round) => {
    const parts = [[], ...job.vectors].map((shape) =>
      context.tensor(DataType.float32, shape, partOf(rank, round, sizeOf(shape))),
    );
    const { nll, gradients } = reduce.sum(parts);
    const sums = gradients.flatMap((handle) => Array.from(context.read(handle) as Float32Array));
    control.barrier(); // the next round writes to the memory that these tensors are
    return Float32Array.of(nll, ...sums);
  });
  reduce.dispose();
  context.dispose();
  return results;
}

if (parentPort) parentPort.postMessage(main(workerData as ReduceWork));
