import type { Comm, Host } from '../lib/host';
import { setHost } from '../lib/host';

/** A front end's end of a comm: what it sends, and what it has got. */
export interface FrontEnd {
  send(data: unknown): void;
  close(): void;
  readonly received: unknown[];
}

/** A kernel without a notebook: the real interface, played by the test. */
export class TestHost implements Host {
  private readonly interrupted = new Set<() => void>();
  private readonly targets = new Map<string, (comm: Comm, data: unknown) => void>();
  /** How many want to know of an interrupt. */
  get listeners(): number {
    return this.interrupted.size;
  }

  display(): void {
    throw new Error('nothing is displayed in these tests');
  }

  update(): void {
    throw new Error('nothing is updated in these tests');
  }

  onInterrupt(listener: () => void): () => void {
    this.interrupted.add(listener);
    return () => this.interrupted.delete(listener);
  }

  onComm(target: string, listener: (comm: Comm, data: unknown) => void): void {
    this.targets.set(target, listener);
  }

  interrupt(): void {
    this.interrupted.forEach((listener) => listener());
  }

  /** Opens a comm as the front end does. */
  open(target: string): FrontEnd {
    const listeners: Parameters<Comm['onMessage']>[0][] = [];
    const closed: (() => void)[] = [];
    const received: unknown[] = [];
    const comm: Comm = {
      send: (data) => received.push(data),
      close: () => undefined,
      onMessage: (listener) => listeners.push(listener),
      onClose: (listener) => closed.push(listener),
    };
    this.targets.get(target)!(comm, {});
    return {
      received,
      send: (data) => listeners.forEach((listener) => listener(data, [])),
      close: () => closed.forEach((listener) => listener()),
    };
  }
}

/** Makes this the kernel of the process. Returns the function that takes it away. */
export function play(host: Host): () => void {
  setHost(host);
  return () => setHost(undefined as unknown as Host);
}
