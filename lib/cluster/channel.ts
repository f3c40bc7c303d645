import type { Socket } from 'node:net';
import { deserialize, serialize } from 'node:v8';
import { CredenceError } from '../errors';

/** Two ends that tell each other values, in order. */
export interface Channel {
  /** What arrays hold when this returns is what arrives. */
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once, when the other end is gone or has closed. */
  onClose(listener: (cause: Error | undefined) => void): void;
  close(): void;
  /** Whether it keeps the process alive. */
  hold(alive: boolean): void;
}

/** Bytes of the length that goes ahead of each message. */
const HEADER = 8;
/** A length beyond it is none: the other end speaks another language. */
const LONGEST = 2 ** 36;

/** A channel over a connection: each message is a length and a value as the structured clone algorithm writes it. */
export function socketChannel(socket: Socket, longest = LONGEST): Channel {
  const listeners: ((message: unknown) => void)[] = [];
  const closed: ((cause: Error | undefined) => void)[] = [];
  let cause: Error | undefined;
  const frames = new Frames(longest, (bytes) => {
    const message: unknown = deserialize(bytes);
    for (const listener of listeners) listener(message);
  });
  socket.setNoDelay(true);
  socket.on('data', (chunk) => {
    try {
      frames.add(chunk);
    } catch (error) {
      socket.destroy(error as Error);
    }
  });
  socket.on('error', (error) => (cause = error));
  socket.on('close', () => closed.splice(0).forEach((listener) => listener(cause)));
  return {
    send(message) {
      const bytes = serialize(message);
      const header = Buffer.alloc(HEADER);
      header.writeDoubleLE(bytes.length);
      socket.cork();
      socket.write(header);
      socket.write(bytes);
      socket.uncork();
    },
    onMessage: (listener) => void listeners.push(listener),
    onClose: (listener) => void closed.push(listener),
    close: () => void socket.end(),
    hold: (alive) => void (alive ? socket.ref() : socket.unref()),
  };
}

/** Puts the pieces that a connection delivers together to messages. */
class Frames {
  private readonly header = Buffer.alloc(HEADER);
  /** What is being filled: the header, or a message. */
  private target: Buffer = this.header;
  private filled = 0;

  constructor(
    private readonly longest: number,
    private readonly whole: (bytes: Buffer) => void,
  ) {}

  /** @throws CredenceError E_CLUSTER if a length makes no sense */
  add(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      const count = Math.min(chunk.length - at, this.target.length - this.filled);
      chunk.copy(this.target, this.filled, at, at + count);
      at += count;
      this.filled += count;
      if (this.filled === this.target.length) this.next();
    }
  }

  private next(): void {
    const done = this.target;
    this.filled = 0;
    if (done !== this.header) {
      this.target = this.header;
      return this.whole(done);
    }
    const length = this.header.readDoubleLE();
    if (!Number.isInteger(length) || length < 1 || length > this.longest) {
      throw new CredenceError('E_CLUSTER', `a message of ${length} bytes was announced`);
    }
    this.target = Buffer.allocUnsafeSlow(length);
  }
}

/** Both ends of a channel within this process. */
export function channelPair(): [Channel, Channel] {
  const ends = [new LocalEnd(), new LocalEnd()] as const;
  ends[0].other = ends[1];
  ends[1].other = ends[0];
  return [ends[0], ends[1]];
}

class LocalEnd implements Channel {
  other!: LocalEnd;
  private readonly listeners: ((message: unknown) => void)[] = [];
  private readonly closed: ((cause: undefined) => void)[] = [];
  private open = true;

  send(message: unknown): void {
    if (!this.open) return;
    setImmediate(() => {
      for (const listener of this.other.listeners) listener(message);
    });
  }

  onMessage(listener: (message: unknown) => void): void {
    this.listeners.push(listener);
  }

  onClose(listener: (cause: undefined) => void): void {
    this.closed.push(listener);
  }

  close(): void {
    for (const end of [this, this.other]) {
      if (!end.open) continue;
      end.open = false;
      setImmediate(() => end.closed.forEach((listener) => listener(undefined)));
    }
  }

  hold(): void {
    // nothing waits here
  }
}
