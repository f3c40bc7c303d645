import path from 'node:path';
import Piscina from 'piscina';
import type { Outcome, Task } from './protocol';

/** More workers than any machine has devices: threads are started as tasks ask for them. */
const MAX_WORKERS = 256;

let pool: Piscina<Task, Outcome> | undefined;

/**
 * The pool of worker threads, one for the life of the process: a thread keeps its TensorFlow context and what XLA has compiled in it.
 * Idle threads do not keep the process alive.
 */
export function workerPool(): Piscina<Task, Outcome> {
  pool ??= new Piscina<Task, Outcome>({
    filename: path.join(__dirname, 'worker.js'),
    minThreads: 0,
    maxThreads: MAX_WORKERS,
    concurrentTasksPerWorker: 1,
    idleTimeout: Infinity,
  });
  return pool;
}

/** Ends all worker threads. The next run starts new ones. */
export async function closePool(): Promise<void> {
  const closing = pool;
  pool = undefined;
  await closing?.destroy();
}
