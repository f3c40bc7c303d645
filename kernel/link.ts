import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Channel, Flag, FLAGS, type ToMain, type ToTransport, type TransportData } from './channel';
import { createHeader, type Header, type Message, serialise } from './message';

/** Milliseconds that the transport thread may take to close the sockets. */
const CLOSING = 1000;

/** Characters that a cell may have printed ahead of the transport thread. */
const AHEAD = 1 << 20;

/** What a message to send may have besides its content. */
export interface Extras {
  metadata?: object;
  buffers?: Uint8Array[];
}

/** The main thread's end of the link to the transport thread. */
export class Link {
  /** The kernel's session id, in every header. */
  readonly session = randomUUID();
  /** Shared with the watchdog: see Flag. */
  readonly flags = new Int32Array(new SharedArrayBuffer(FLAGS * Int32Array.BYTES_PER_ELEMENT));
  private readonly worker: Worker;
  private readonly fences = new Map<number, () => void>();
  private nextFence = 0;

  /** Starts the transport thread, which binds the sockets. They are silent until {@link listen}. */
  constructor(connectionFile: string) {
    const workerData: TransportData = {
      connectionFile,
      session: this.session,
      flags: this.flags.buffer,
    };
    this.worker = new Worker(path.join(__dirname, 'transport.js'), { workerData });
    this.worker.on('error', (error: Error) => {
      // a kernel that nobody can talk to is of no use
      writeSync(2, `credence kernel: ${error.message}\n`);
      Atomics.store(this.flags, Flag.Closed, 1);
      process.exit(1);
    });
    process.on('exit', () => {
      // ZeroMQ aborts the process if it ends with open sockets
      this.post({ kind: 'end' });
      Atomics.wait(this.flags, Flag.Closed, 0, CLOSING);
    });
  }

  /** Begins to hand on requests, and announces that the kernel is ready. */
  listen(
    info: Record<string, unknown>,
    request: (channel: Channel, message: Message) => void,
    interrupt: () => void,
  ): void {
    this.worker.on('message', (order: ToMain) => {
      if (order.kind === 'request') request(order.channel, order.message);
      else if (order.kind === 'interrupt') interrupt();
      else if (order.kind === 'shutdown') process.exit();
      else this.passFence(order.id);
    });
    this.post({ kind: 'ready', info });
  }

  /** Sends a message. @throws CredenceError E_KERNEL if there is no JSON for the content */
  send(
    channel: Channel,
    identities: Uint8Array[],
    type: string,
    parent: Partial<Header>,
    content: object,
    { metadata, buffers = [] }: Extras = {},
  ): Header {
    const header = createHeader(type, this.session);
    const parts = serialise(header, parent, content, metadata);
    this.post({ kind: 'send', channel, identities, parts, buffers });
    return header;
  }

  /** Resolves when all requests that the kernel has received so far have been handed on. */
  fence(): Promise<void> {
    const id = this.nextFence++;
    return new Promise((resolve) => {
      this.fences.set(id, resolve);
      this.post({ kind: 'fence', id });
    });
  }

  /** Prints to the stream selected last. A flood waits here for the transport thread, and so never fills the memory. */
  print(text: string): void {
    const { flags } = this;
    this.post({ kind: 'print', text });
    let ahead = Atomics.add(flags, Flag.Printed, text.length) + text.length;
    while (ahead > AHEAD && !Atomics.load(flags, Flag.Closed)) {
      // with a limit, so that an interrupt gets through
      Atomics.wait(flags, Flag.Printed, ahead, 10);
      ahead = Atomics.load(flags, Flag.Printed);
    }
  }

  /** Hands an order to the transport thread. */
  post(order: ToTransport): void {
    this.worker.postMessage(order);
  }

  private passFence(id: number): void {
    this.fences.get(id)?.();
    this.fences.delete(id);
  }
}
