/**
 * What a notebook kernel offers to the library. The library never imports the kernel: the kernel puts a host under
 * `Symbol.for('credence.host')` before the first cell, and where there is none (plain Node, plain tslab) the library
 * prints text instead.
 */
export type MimeBundle = Record<string, unknown>;

/** A two-way channel to the front end (a Jupyter comm). */
export interface Comm {
  send(data: unknown, buffers?: Uint8Array[]): void;
  close(): void;
  onMessage(listener: (data: unknown, buffers: Uint8Array[]) => void): void;
  onClose(listener: () => void): void;
}

export interface Host {
  /** Shows a bundle below the running cell; a later `update` with the same id redraws it in place. */
  display(bundle: MimeBundle, id?: string): void;
  update(bundle: MimeBundle, id: string): void;
  /** Calls back when the person interrupts the kernel. Returns the function that unsubscribes. */
  onInterrupt(listener: () => void): () => void;
  /** Calls back when the front end opens a comm to `target`. */
  onComm(target: string, listener: (comm: Comm, data: unknown) => void): void;
}

/** An object with this method shows itself as rich output (the convention of Deno's kernel). */
export const displaySymbol: unique symbol = Symbol.for('Jupyter.display') as never;

/**
 * An object with this method stays live after it is shown: the kernel shows `displaySymbol`'s bundle under a display id
 * and then calls this with a function that redraws it in place. Returns the function that stops the updates.
 */
export const liveSymbol: unique symbol = Symbol.for('credence.live') as never;

export interface Displayable {
  [displaySymbol](): MimeBundle | Promise<MimeBundle>;
}

export interface Live extends Displayable {
  [liveSymbol](redraw: (bundle: MimeBundle) => void): () => void;
}

const hostSymbol = Symbol.for('credence.host');

/** The kernel this process runs in, if any. */
export const currentHost = (): Host | undefined =>
  (globalThis as Record<symbol, unknown>)[hostSymbol] as Host | undefined;

/** Called once by the kernel. */
export function setHost(host: Host): void {
  (globalThis as Record<symbol, unknown>)[hostSymbol] = host;
}
