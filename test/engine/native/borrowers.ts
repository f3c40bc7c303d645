import { once } from 'node:events';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Borrowing } from './borrowWorker';

const HEAP_MB = 40; // for who uses it up

/** A worker thread that borrows a context. */
export function borrower(work: Borrowing): Worker {
  return new Worker(path.join(__dirname, 'borrowWorker.js'), {
    workerData: work,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
}

/** The first message of a borrower, once its thread has ended. */
export async function told<T>(work: Borrowing): Promise<T> {
  const worker = borrower(work);
  const ended = once(worker, 'exit');
  const [message] = (await once(worker, 'message')) as [T];
  await ended;
  return message;
}

/** A borrower that is in the middle of its work. */
export async function busy(work: Borrowing): Promise<Worker> {
  const worker = borrower(work);
  await once(worker, 'message');
  return worker;
}
