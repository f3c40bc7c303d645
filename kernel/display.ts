import { randomUUID } from 'node:crypto';
import { type Live, liveSymbol, type MimeBundle } from '../lib/host';
import { checkBundle, isLive, toBundle } from './bundle';
import type { Cell, Cells } from './cell';
import type { IOPub } from './iopub';
import { Throttle } from './throttle';

/** Milliseconds between two redraws of a display: people see no more, and front ends suffer. */
const REDRAW = 200;

interface Shown {
  cell: Cell;
  updates: Throttle<MimeBundle>;
}

/** Rich output: shows values, redraws them in place, and keeps live values alive. */
export class Displays {
  private readonly shown = new Map<string, Shown>();
  /** Display methods still at work, per cell. */
  private readonly pending = new WeakMap<Cell, Promise<void>>();
  /** Ends the updates of live values, per cell of the notebook. */
  private readonly stops = new Map<string, (() => void)[]>();

  constructor(
    private readonly cells: Cells,
    private readonly iopub: IOPub,
  ) {}

  /** Shows a bundle below a cell. With an id it can be redrawn by {@link update}. */
  show(cell: Cell, bundle: MimeBundle, id?: string, metadata: object = {}): void {
    const transient = id === undefined ? {} : { display_id: id };
    this.iopub.publish(cell, 'display_data', { data: checkBundle(bundle), metadata, transient });
    if (id !== undefined) {
      this.shown.set(id, { cell, updates: new Throttle(REDRAW, (latest) => this.redraw(latest, id)) });
    }
  }

  /** Redraws what was shown with the id, at most five times a second; the last bundle always arrives. */
  update(bundle: MimeBundle, id: string): void {
    const shown = this.shown.get(id);
    if (shown) shown.updates.push(bundle);
    else this.redraw(bundle, id);
  }

  /** Shows any value; one that was shown with the same id before is redrawn. */
  display(value: unknown, id?: string): void {
    const cell = this.cells.current;
    if (!cell) return;
    if (isLive(value)) return this.displayLive(cell, value);
    const put = (bundle: MimeBundle) =>
      id !== undefined && this.shown.has(id) ? this.update(bundle, id) : this.show(cell, bundle, id);
    this.settle(cell, toBundle(value), put);
  }

  /** Shows the value of a cell's last expression. Returns its text, for the history. */
  async result(cell: Cell, count: number, value: unknown): Promise<string | null> {
    if (value === undefined) return null;
    if (isLive(value)) {
      this.displayLive(cell, value);
      return null;
    }
    const data = await toBundle(value);
    this.iopub.publish(cell, 'execute_result', { execution_count: count, data, metadata: {} });
    const text = data['text/plain'];
    return typeof text === 'string' ? text : null;
  }

  /** Clears the output of a cell, with `wait` only when new output comes. */
  clear(cell: Cell, wait: boolean): void {
    this.iopub.publish(cell, 'clear_output', { wait });
  }

  /** Waits for the display methods that the cell has started. @throws what they throw */
  async finish(cell: Cell): Promise<void> {
    try {
      await this.pending.get(cell);
    } finally {
      this.pending.delete(cell);
    }
  }

  /** Sends the latest state of all displays, so that it is saved with the cell that just ends. */
  flush(): void {
    for (const { updates } of this.shown.values()) updates.flush();
  }

  /** A cell runs again: what its earlier run showed is gone from the page. */
  forget(notebookCell: string | undefined): void {
    if (notebookCell === undefined) return;
    for (const stop of this.stops.get(notebookCell) ?? []) stop();
    this.stops.delete(notebookCell);
    for (const [id, { cell }] of this.shown) {
      if (cell.notebookCell === notebookCell) this.shown.delete(id);
    }
  }

  private displayLive(cell: Cell, value: Live): void {
    const id = randomUUID();
    this.settle(cell, toBundle(value), (bundle) => {
      this.show(cell, bundle, id);
      const stop = value[liveSymbol]((latest) => this.update(latest, id));
      if (cell.notebookCell === undefined) return;
      this.stops.set(cell.notebookCell, [...(this.stops.get(cell.notebookCell) ?? []), stop]);
    });
  }

  /** Puts a bundle now, or when it is there; the cell waits for it. */
  private settle(
    cell: Cell,
    bundle: MimeBundle | Promise<MimeBundle>,
    put: (bundle: MimeBundle) => void,
  ): void {
    if (!(bundle instanceof Promise)) return put(bundle);
    const shown = Promise.all([bundle, this.pending.get(cell)]).then(([ready]) => put(ready));
    this.pending.set(cell, shown);
    // the cell reports what fails while it runs; see finish
    if (this.cells.active === cell) shown.catch(() => undefined);
  }

  /**
   * The parent is the running cell, if one runs, as in ipykernel: a front end finds the display by its id, but nbclient
   * listens only to the running cell. Otherwise it is the cell that showed the display.
   */
  private redraw(bundle: MimeBundle, id: string): void {
    const { active, current } = this.cells;
    const cell = active && !active.silent ? active : (this.shown.get(id)?.cell ?? current);
    if (!cell) return;
    const content = { data: checkBundle(bundle), metadata: {}, transient: { display_id: id } };
    this.iopub.publish(cell, 'update_display_data', content);
  }
}
