/** A worker thread's part of a run. It knows TensorFlow, shared memory and compiled functions, but no tfjs and no model. */
import { Context } from '../../engine/native/context';
import { CredenceError } from '../../errors';
import { Control, PeerDied } from '../memory/control';
import type { Outcome, Report, Task } from './protocol';
import { Trainer } from './trainer';

/** Piscina's entry: trains to the end, whatever it is, and leaves nothing behind. */
export default function work(task: Task | null): Outcome {
  if (!task) return { end: 'abandoned' }; // it was only to be started
  const control = new Control(task.board.control, task.workers);
  try {
    const context = Context.borrow(task.context);
    try {
      return new Trainer(context, task, control).run();
    } finally {
      context.leave(); // other workers may be about to copy its tensors: they are freed when all have ended
    }
  } catch (error) {
    if (error instanceof PeerDied) return { end: 'abandoned' };
    control.break();
    if (!(error instanceof CredenceError)) throw error;
    return { end: 'failed', code: error.code, message: error.message };
  } finally {
    task.port?.postMessage({ type: 'end' } satisfies Report);
  }
}
