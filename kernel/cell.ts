import { AsyncLocalStorage } from 'node:async_hooks';
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

/** Knows to which cell output belongs, also when it comes from a timer or a promise of a cell long ended. */
export class Cells {
  private readonly origin = new AsyncLocalStorage<Cell>();
  private running: Cell | undefined;
  private latest: Cell | undefined;

  /** Runs a cell; what it starts remembers it. */
  async run<T>(cell: Cell, work: () => Promise<T>): Promise<T> {
    this.running = this.latest = cell;
    try {
      return await this.origin.run(cell, work);
    } finally {
      this.running = undefined;
    }
  }

  /** The cell that started the running code: by default the running or else the last one. */
  get current(): Cell | undefined {
    return this.origin.getStore() ?? this.foremost;
  }

  /** The running cell, or else the last one. */
  get foremost(): Cell | undefined {
    return this.running ?? this.latest;
  }

  /** The running cell, if one runs. */
  get active(): Cell | undefined {
    return this.running;
  }
}
