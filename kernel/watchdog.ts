import { Session } from 'node:inspector';
import { setTimeout as sleep } from 'node:timers/promises';
import { Flag, Script } from './channel';
import { interruptSignals } from './signal';

/** Milliseconds between two looks whether the main thread has heard. */
const LOOK = 20;
/** Milliseconds between two looks for signals. */
const SIGNAL_LOOK = 50;
/** Milliseconds that code outside of a cell's script (behind an await, in a timer) may keep the thread busy. */
const PATIENCE = 400;

/** Ends the JavaScript that the main thread runs just now; its event loop goes on. */
function terminateExecution(): void {
  const session = new Session();
  session.connectToMainThread();
  session.post('Runtime.terminateExecution');
  // V8 takes the termination back when the calls have ended, but only for a session that is still there
  setTimeout(() => session.disconnect(), PATIENCE);
}

/**
 * Makes the main thread hear an interrupt, whatever it does:
 * - waiting (event loop): it hears the message;
 * - a loop in a cell's script, behind an `await` or in a callback: the JavaScript is terminated through the
 *   inspector, and then it hears the message.
 */
export class Watchdog {
  private underway: Promise<void> | undefined;

  /** @param ask tells the main thread of the interrupt */
  constructor(
    private readonly flags: Int32Array,
    private readonly ask: () => void,
  ) {}

  /** Resolves when the main thread has handled the interrupt. Calls during another one join it. */
  interrupt(): Promise<void> {
    this.underway ??= this.deliver().finally(() => (this.underway = undefined));
    return this.underway;
  }

  /** From now on, signals are interrupts. The main thread hears them itself, but not while it loops. */
  watchSignals(): void {
    const signalled = interruptSignals();
    let before = Atomics.load(this.flags, Flag.Interrupts);
    setInterval(() => {
      const handled = Atomics.load(this.flags, Flag.Interrupts);
      if (signalled() && handled === before) void this.interrupt();
      before = handled;
    }, SIGNAL_LOOK).unref();
  }

  private async deliver(): Promise<void> {
    const before = Atomics.load(this.flags, Flag.Interrupts);
    const handled = () => Atomics.load(this.flags, Flag.Interrupts) !== before;
    this.ask();
    let waited = 0;
    for (await sleep(LOOK); !handled(); await sleep(LOOK)) {
      if (Atomics.load(this.flags, Flag.Compiling)) continue;
      waited += LOOK;
      const script = Atomics.compareExchange(this.flags, Flag.Script, Script.Running, Script.Doomed);
      // a cell's script is ended at once
      if (script !== Script.Running && waited < PATIENCE) continue;
      terminateExecution();
      waited = 0;
    }
  }
}
