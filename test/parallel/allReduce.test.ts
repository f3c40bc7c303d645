import assert from 'node:assert/strict';
import { once } from 'node:events';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { tensorflow } from '../../lib/engine/tfjs/tensorflow';
import { sizeOf } from '../../lib/ndarray';
import { Control } from '../../lib/parallel/control';
import { SharedArrays } from '../../lib/parallel/shared';
import { partOf, type ReduceResult, type ReduceWork } from './reduceWorker';

const SHAPES = [[3, 5], [7], [1], [64]];
const ROUNDS = 5;

/** What every rank gets, in each round. */
async function reduce(workers: number): Promise<ReduceResult[]> {
  const gradients = new SharedArrays([[], ...SHAPES].map(sizeOf)).allocate(workers + 1);
  const job = { vectors: SHAPES, gradients, control: new Control().buffer };
  return Promise.all(
    Array.from({ length: workers }, async (_, rank) => {
      const workerData: ReduceWork = { job, rank, workers, rounds: ROUNDS };
      const worker = new Worker(path.join(__dirname, 'reduceWorker.js'), { workerData });
      const [[result]] = await Promise.all([
        once(worker, 'message') as Promise<[ReduceResult]>,
        once(worker, 'exit'),
      ]);
      return result;
    }),
  );
}

/** The sum in the order of the ranks, in single precision. */
function sequentialSum(workers: number, round: number, length: number): Float32Array {
  const sum = partOf(0, round, length);
  for (let rank = 1; rank < workers; rank++) {
    const part = partOf(rank, round, length);
    sum.forEach((value, i) => (sum[i] = value + part[i]!));
  }
  return sum;
}

describe('parallel: the all-reduce', () => {
  before(() => {
    tensorflow();
  });

  for (const workers of [2, 3]) {
    it(`gives ${workers} threads the same bits: the sum in the order of the ranks`, async () => {
      const results = await reduce(workers);
      for (let round = 0; round < ROUNDS; round++) {
        const want = [[], ...SHAPES].flatMap((shape) =>
          Array.from(sequentialSum(workers, round, sizeOf(shape))),
        );
        for (const rank of results) assert.deepEqual(Array.from(rank[round]!), want);
      }
    });
  }
});
