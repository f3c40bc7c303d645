import type { Cell } from './cell';
import type { Extras, Link } from './link';
import type { Header } from './message';

export type StreamName = 'stdout' | 'stderr';

/** Milliseconds for which printed text is gathered into one message. */
const GATHER = 50;
/** Characters at which gathered text is sent at once. */
const LARGE = 64 * 1024;

interface Gathered {
  cell: Cell;
  name: StreamName;
  chunks: string[];
  size: number;
  since: number;
}

/**
 * Everything the kernel publishes, in order. Printed text is gathered: one message a line would drown the front end
 * (100,000 lines are a few dozen messages). The transport thread sends while the cell still runs.
 */
export class IOPub {
  private gathered: Gathered | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly link: Link) {}

  /** Publishes the output of a cell; a silent cell has none. */
  publish(cell: Cell, type: string, content: object, extras?: Extras): void {
    if (cell.silent) return;
    this.flush();
    this.send(type, cell.parent, content, extras);
  }

  /** Says whether the request is being worked on. */
  status(parent: Header, state: 'busy' | 'idle'): void {
    this.flush();
    this.send('status', parent, { execution_state: state });
  }

  /** A message on a comm. */
  comm(parent: Partial<Header>, type: 'comm_msg' | 'comm_close', content: object, extras: Extras): void {
    this.flush();
    this.send(type, parent, content, extras);
  }

  /** Text that a cell printed. */
  print(cell: Cell, name: StreamName, text: string): void {
    if (cell.silent || text === '') return;
    if (this.gathered && (this.gathered.cell !== cell || this.gathered.name !== name)) this.flush();
    this.gathered ??= { cell, name, chunks: [], size: 0, since: performance.now() };
    this.gathered.chunks.push(text);
    this.gathered.size += text.length;
    // the clock is looked at as well: in a synchronous loop no timer fires
    if (this.gathered.size >= LARGE || performance.now() - this.gathered.since >= GATHER) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), GATHER);
  }

  /** Sends the text gathered so far. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.gathered) return;
    const { cell, name, chunks } = this.gathered;
    this.gathered = undefined;
    this.send('stream', cell.parent, { name, text: chunks.join('') });
  }

  private send(type: string, parent: Partial<Header>, content: object, extras?: Extras): void {
    this.link.send('iopub', [Buffer.from(type)], type, parent, content, extras);
  }
}
