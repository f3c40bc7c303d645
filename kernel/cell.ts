import type { Header } from './message';

/** One execution of a cell: where its output goes. */
export interface Cell {
  /** The name of its script in a traceback. */
  readonly name: string;
  /** The header of the request: the parent of all its output. */
  readonly parent: Header;
  /** The route to the front end that asked, for questions to it. */
  readonly identities: Uint8Array[];
  /** The notebook's id of the cell, where the front end says it. */
  readonly notebookCell: string | undefined;
  readonly silent: boolean;
  readonly allowInput: boolean;
}

/**
 * Knows to which cell output belongs: the one that runs, or else the last one, as in IPython. (Node's
 * AsyncLocalStorage would know better for output of timers, but with it Node 20 aborts when the watchdog has to
 * terminate a loop.)
 */
export class Cells {
  private readonly byName = new Map<string, Cell>();
  private running: Cell | undefined;
  private latest: Cell | undefined;

  /** Runs a cell. */
  async run<T>(cell: Cell, work: () => Promise<T>): Promise<T> {
    this.byName.set(cell.name, cell);
    this.running = cell;
    // what comes later is not lost in a cell that shows nothing
    if (!cell.silent) this.latest = cell;
    try {
      return await work();
    } finally {
      this.running = undefined;
    }
  }

  /** The running cell, if one runs. */
  get active(): Cell | undefined {
    return this.running;
  }

  /** The running cell, or else the last one. */
  get current(): Cell | undefined {
    return this.running ?? this.latest;
  }

  /** The cell whose code began what led to an error, as its stack tells; else the current one. */
  originOf(error: unknown): Cell | undefined {
    const stack = error instanceof Error ? (error.stack ?? '') : '';
    const names = [...stack.matchAll(/\b(?:cell|unnumbered)-\d+\.ts(?=:\d+:\d+)/g)].map(([name]) => name);
    return this.byName.get(names.at(-1) ?? '') ?? this.current;
  }
}
