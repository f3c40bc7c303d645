import { Flag, Script } from './channel';
import type { Session } from './session';

/** Milliseconds that work which was asked to stop may take to end its cell by itself. */
const GRACE = 2000;
/** Milliseconds until a cell that does not even end when its wait is broken off is given up. */
const GIVE_UP = 500;
/** Signals closer together than this are one interrupt. */
const SAME = 200;

/** How an interruptible piece of work ended. */
export interface Ending<T> {
  /** Whether the person interrupted it. */
  interrupted: boolean;
  /** What it returned, unless the interrupt had to break it off. */
  result: T | undefined;
}

interface Work {
  interrupted: boolean;
  /** Ends the wait of the cell. */
  breakOff: () => void;
  /** Gives up a cell that cannot end any more. */
  abandon: () => void;
}

/**
 * Interrupts: the listeners (training runs) are asked to stop, and the cell is given time to end by itself, so that
 * `const posterior = await run.done` still gets what was learned. After that its wait is broken off.
 */
export class Interrupts {
  private readonly listeners = new Set<() => void>();
  private work: Work | undefined;
  private last = -Infinity;

  constructor(
    private readonly session: Session,
    private readonly flags: Int32Array,
  ) {}

  /** Calls back at every interrupt. Returns the function that unsubscribes. */
  listen(listener: () => void): () => void {
    // wrapped, so that the same function may be given twice
    const entry = () => listener();
    this.listeners.add(entry);
    return () => this.listeners.delete(entry);
  }

  /** Does work so that an interrupt ends it. */
  async during<T>(start: () => Promise<T>): Promise<Ending<T>> {
    let giveUp!: (nothing: undefined) => void;
    const abandoned = new Promise<undefined>((resolve) => (giveUp = resolve));
    let broken = false;
    const work: Work = {
      interrupted: false,
      breakOff: () => {
        if (this.work !== work || broken) return;
        broken = true;
        this.session.interrupt();
        // its very promise is lost if the interrupt had to terminate its JavaScript
        setTimeout(() => giveUp(undefined), GIVE_UP);
      },
      abandon: () => giveUp(undefined),
    };
    this.work = work;
    try {
      // in a call of its own: one that is terminated takes its callers with it
      const result = await Promise.race([Promise.resolve().then(start), abandoned]);
      return { interrupted: work.interrupted, result: broken ? undefined : result };
    } finally {
      this.work = undefined;
    }
  }

  /** The person interrupts. */
  interrupt(): void {
    const terminated = Atomics.exchange(this.flags, Flag.Script, Script.Away) === Script.Doomed;
    const again = !this.heard();
    const { work } = this;
    if (!work || (again && !terminated)) return;
    if (terminated) {
      work.interrupted = true;
      return work.abandon();
    }
    const patience = work.interrupted || this.listeners.size === 0 ? 0 : GRACE;
    work.interrupted = true;
    setTimeout(() => work.breakOff(), patience);
  }

  /** Tells the watchdog and the listeners; false if this signal belongs to an interrupt already heard. */
  private heard(): boolean {
    Atomics.add(this.flags, Flag.Interrupts, 1);
    const now = performance.now();
    if (now - this.last < SAME) return false;
    this.last = now;
    // each on its own: one that throws must not keep another from stopping
    for (const listener of this.listeners) queueMicrotask(listener);
    return true;
  }
}
