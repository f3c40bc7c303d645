import type { Cell } from './cell';
import type { StreamName } from './channel';
import type { Extras, Link } from './link';
import type { Header } from './message';

/** Everything the kernel publishes, in order. */
export class IOPub {
  /** Where the last printed text went. */
  private stream: { cell: Cell; name: StreamName } | undefined;

  constructor(private readonly link: Link) {}

  /** Publishes the output of a cell; a silent cell has none. */
  publish(cell: Cell, type: string, content: object, extras?: Extras): void {
    if (!cell.silent) this.send(type, cell.parent, content, extras);
  }

  /** Says whether the request is being worked on. */
  status(parent: Header, state: 'busy' | 'idle'): void {
    this.send('status', parent, { execution_state: state });
  }

  /** A message on a comm. */
  comm(parent: Header, type: 'comm_msg' | 'comm_close', content: object, extras: Extras): void {
    this.send(type, parent, content, extras);
  }

  /** Text that a cell printed. The transport thread gathers it; see gather.ts. */
  print(cell: Cell, name: StreamName, text: string): void {
    if (cell.silent) return;
    if (this.stream?.cell !== cell || this.stream.name !== name) {
      this.stream = { cell, name };
      this.link.post({ kind: 'stream', name, parent: cell.parent });
    }
    this.link.print(text);
  }

  private send(type: string, parent: Header, content: object, extras?: Extras): void {
    this.link.send('iopub', [Buffer.from(type)], type, parent, content, extras);
  }
}
