/** A worker thread's part of a run. It knows TensorFlow, shared memory and compiled functions, but no tfjs and no model. */
import { Context } from '../engine/native/context';
import { CredenceError } from '../errors';
import { Control } from './control';
import type { Outcome, Report, Task } from './protocol';
import { Trainer } from './trainer';

/** One context per thread and device for the thread's life: it keeps what XLA has compiled. */
const contexts = new Map<number | undefined, Context>();

function contextOf(gpu: number | undefined): Context {
  let context = contexts.get(gpu);
  if (!context) contexts.set(gpu, (context = new Context({ gpu, threads: 1 })));
  return context;
}

/** Piscina's entry: trains to the end, whatever it is, and leaves nothing behind but the warm context. */
export default function work(task: Task): Outcome {
  const control = new Control(task.job.control, task.workers);
  try {
    const trainer = new Trainer(contextOf(task.gpu), task, control);
    try {
      return trainer.run();
    } finally {
      trainer.dispose();
    }
  } catch (error) {
    control.break();
    if (!(error instanceof CredenceError)) throw error;
    return { end: 'failed', code: error.code, message: error.message };
  } finally {
    task.port?.postMessage({ type: 'end' } satisfies Report);
  }
}
