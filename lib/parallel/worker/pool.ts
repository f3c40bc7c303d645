import path from 'node:path';
import Piscina from 'piscina';
import { Context } from '../../engine/native/context';
import type { Outcome, Task } from './protocol';

/** More workers than any machine has devices: threads are started as tasks ask for them. */
const MAX_WORKERS = 256;

/** A task that waits so long for a thread waits for one that has died. */
const START_MS = 10_000;

let pool: Piscina<Task | null, Outcome> | undefined;

/** The pool of worker threads, one for the life of the process. Idle threads do not keep the process alive. */
export function workerPool(): Piscina<Task | null, Outcome> {
  pool ??= new Piscina<Task | null, Outcome>({
    filename: path.join(__dirname, 'worker.js'),
    minThreads: 0,
    maxThreads: MAX_WORKERS,
    concurrentTasksPerWorker: 1,
    idleTimeout: Infinity,
  });
  return pool;
}

/** Runs the part of one worker on a thread of its own. @throws what ended the thread, if something did */
export async function runTask(task: Task): Promise<Outcome> {
  const threads = workerPool();
  // Piscina forgets a task that waits for a thread if the thread dies while it starts; the next task makes it start another one
  const reminder = setInterval(() => {
    if (threads.queueSize > 0) void threads.run(null).catch(() => undefined);
  }, START_MS).unref();
  try {
    return await threads.run(task, { transferList: task.port ? [task.port] : [] });
  } finally {
    clearInterval(reminder);
  }
}

/** A TensorFlow context that workers borrow, and whether one has it. */
interface Desk {
  context: Context;
  gpu: number | undefined;
  taken: boolean;
}

/**
 * The contexts that workers compute in. They belong to this thread: when a worker dies, its context lives on with what XLA has compiled
 * in it, and the next worker goes on there.
 */
const desks: Desk[] = [];

function take(gpu: number | undefined): Desk {
  let desk = desks.find((each) => !each.taken && each.gpu === gpu);
  if (!desk) {
    // GPUs have one context in common, so that tensors go from one to another
    const beside = desks.find((each) => gpu !== undefined && each.gpu !== undefined)?.context;
    desks.push((desk = { context: new Context({ gpu, threads: 1 }, beside), gpu, taken: false }));
  }
  desk.taken = true;
  return desk;
}

/**
 * Calls `use` with contexts on these devices that nobody else has meanwhile. When it has ended no thread has one of them any more; what is
 * left in them is freed.
 */
export async function withDesks<T>(
  gpus: readonly (number | undefined)[],
  use: (contexts: readonly Context[]) => Promise<T>,
): Promise<T> {
  const taken: Desk[] = [];
  try {
    for (const gpu of gpus) taken.push(take(gpu));
    return await use(taken.map(({ context }) => context));
  } finally {
    for (const desk of taken) desk.taken = false;
    for (const { context } of taken) context.reclaim();
  }
}

/** Ends all worker threads and frees their contexts. The next run starts new ones. */
export async function closePool(): Promise<void> {
  const closing = pool;
  pool = undefined;
  await closing?.destroy();
  const idle = desks.filter(({ taken }) => !taken);
  for (const desk of idle) {
    desks.splice(desks.indexOf(desk), 1);
    desk.context.dispose();
  }
}
