import { Session } from 'node:inspector';
import { setTimeout as sleep } from 'node:timers/promises';
import { Flag } from './channel';

/** Milliseconds between two looks whether the main thread has heard. */
const LOOK = 20;
/** Milliseconds a thread that is busy is given to hear the signal, before it is stopped. */
const PATIENCE = 400;

/** Ends the JavaScript that the main thread runs just now; its event loop goes on. */
async function terminateExecution(): Promise<void> {
  const session = new Session();
  session.connectToMainThread();
  session.post('Runtime.terminateExecution');
  // V8 takes the termination back when the calls have ended, but only for a session that is still there
  await sleep(PATIENCE);
  session.disconnect();
}

/**
 * Makes the main thread hear an interrupt, whatever it does:
 * - waiting (event loop): the SIGINT listener runs;
 * - a synchronous loop in a cell: Node's `breakOnSigint` ends the script;
 * - a loop in code after an `await` or in a callback, which neither reaches: its execution is terminated through the
 *   inspector, and then the listener runs.
 */
export class Watchdog {
  private underway: Promise<void> | undefined;

  constructor(private readonly flags: Int32Array) {}

  /** Resolves when the main thread has handled the interrupt. Calls during another one join it. */
  interrupt(): Promise<void> {
    this.underway ??= this.deliver().finally(() => (this.underway = undefined));
    return this.underway;
  }

  private async deliver(): Promise<void> {
    const before = Atomics.load(this.flags, Flag.Interrupts);
    const handled = () => Atomics.load(this.flags, Flag.Interrupts) !== before;
    process.kill(process.pid, 'SIGINT');
    let waited = 0;
    while (!handled()) {
      await sleep(LOOK);
      waited = Atomics.load(this.flags, Flag.Compiling) ? 0 : waited + LOOK;
      if (waited < PATIENCE) continue;
      // a signal that came while TypeScript worked is lost to the loop that the cell has entered since
      process.kill(process.pid, 'SIGINT');
      await sleep(LOOK);
      if (!handled() && !Atomics.load(this.flags, Flag.Compiling)) await terminateExecution();
      waited = 0;
    }
  }
}
