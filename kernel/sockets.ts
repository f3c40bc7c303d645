import { Reply, Router, XPublisher } from 'zeromq';
import { address, type Connection } from './connection';
import type { Channel } from './channel';

type Frames = (string | Uint8Array)[];

interface Writable {
  send(frames: Frames): Promise<void>;
}

/** Sends in order: ZeroMQ takes one send of a socket at a time and throws at the second. */
class SendQueue {
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly socket: Writable) {}

  /** A peer that went away is no error. */
  send(frames: Frames): void {
    this.last = this.last.then(() => this.socket.send(frames)).catch(() => undefined);
  }

  /** Resolves when all that was given so far has left. */
  drained(): Promise<void> {
    return this.last;
  }
}

/** What the sockets hand on. */
export interface SocketListener {
  message(channel: Channel, frames: Uint8Array[]): void;
  /** A front end subscribed to the topic on iopub. */
  subscription(topic: Uint8Array): void;
}

/** The first byte of what an XPUB socket receives: 1 subscribes, 0 unsubscribes. */
const SUBSCRIBE = 1;

async function serve(socket: AsyncIterable<Buffer[]>, listener: (frames: Buffer[]) => void): Promise<void> {
  for await (const frames of socket) listener(frames);
}

async function echo(socket: Reply): Promise<void> {
  for await (const frames of socket) await socket.send(frames);
}

/**
 * No high-water mark: ZeroMQ would drop the output of a cell that prints faster than the front end reads. What is still
 * unsent when the kernel ends has a second to leave.
 */
const options = { sendHighWaterMark: 0, linger: 1000 };

/** The five sockets of a kernel. */
export class Sockets {
  private readonly iopub = new XPublisher(options);
  private readonly shell = new Router(options);
  private readonly control = new Router(options);
  private readonly stdin = new Router(options);
  private readonly heartbeat = new Reply();
  private readonly queues: Record<Channel, SendQueue> = {
    iopub: new SendQueue(this.iopub),
    shell: new SendQueue(this.shell),
    control: new SendQueue(this.control),
    stdin: new SendQueue(this.stdin),
  };

  /** Binds the addresses of the connection file. @throws if one of them is taken */
  async bind(connection: Connection): Promise<void> {
    this.iopub.verbosity = 'allSubs';
    const results = await Promise.allSettled([
      this.iopub.bind(address(connection, connection.iopub_port)),
      this.shell.bind(address(connection, connection.shell_port)),
      this.control.bind(address(connection, connection.control_port)),
      this.stdin.bind(address(connection, connection.stdin_port)),
      this.heartbeat.bind(address(connection, connection.hb_port)),
    ]);
    const failure = results.find((result) => result.status === 'rejected');
    if (!failure) return;
    // the process could not end while sockets are open
    await this.close();
    throw failure.reason;
  }

  /** Starts to receive. */
  listen(listener: SocketListener): void {
    void echo(this.heartbeat);
    void serve(this.iopub, ([event]) => {
      if (event?.[0] === SUBSCRIBE) listener.subscription(event.subarray(1));
    });
    for (const channel of ['shell', 'control', 'stdin'] as const) {
      void serve(this[channel], (frames) => listener.message(channel, frames));
    }
  }

  send(channel: Channel, frames: Frames): void {
    this.queues[channel].send(frames);
  }

  /** Waits for what is still queued, and closes. */
  async close(): Promise<void> {
    await Promise.all(Object.values(this.queues).map((queue) => queue.drained()));
    for (const socket of [this.iopub, this.shell, this.control, this.stdin, this.heartbeat]) {
      socket.close();
    }
  }
}
