import type { Header, Message } from './message';

/**
 * What the kernel's two threads say to each other. The *transport thread* owns the sockets, so heartbeats, interrupts
 * and output work while a cell keeps the *main thread*, which runs the cells, busy.
 *
 * ```
 * front end <== ZeroMQ ==> transport thread <-- ToMain / ToTransport --> main thread
 * ```
 */
export type Channel = 'shell' | 'control' | 'stdin' | 'iopub';

export type StreamName = 'stdout' | 'stderr';

/** From the transport thread: what the front end asked. */
export type ToMain =
  | { kind: 'request'; channel: Channel; message: Message }
  /** Everything received before the fence was asked for has been delivered. */
  | { kind: 'fence'; id: number }
  /** The person interrupts. */
  | { kind: 'interrupt' }
  /** The front end or the death of the server ends the kernel. */
  | { kind: 'shutdown' };

/** From the main thread: what is to be sent. The four parts are serialised where an error can still be reported. */
export type ToTransport =
  | { kind: 'send'; channel: Channel; identities: Uint8Array[]; parts: string[]; buffers: Uint8Array[] }
  /** To which stream of which cell the text belongs that is printed from here on. */
  | { kind: 'stream'; name: StreamName; parent: Header }
  | { kind: 'print'; text: string }
  | { kind: 'fence'; id: number }
  /** The process ends: send what is left and close. */
  | { kind: 'end' }
  /** The main thread is ready: the sockets may listen. `info` is the content of a kernel_info_reply. */
  | { kind: 'ready'; info: Record<string, unknown> };

/** What the transport thread is started with. */
export interface TransportData {
  connectionFile: string;
  session: string;
  /** Shared memory of Int32: see {@link Flag}. */
  flags: SharedArrayBuffer;
}

/** The slots of the flags that the threads share. */
export enum Flag {
  /** How many interrupts the main thread has handled. */
  Interrupts = 0,
  /** 1 while TypeScript works on the main thread: its state must not be torn by an interrupt. */
  Compiling = 1,
  /** What the script of a cell does: see {@link Script}. */
  Script = 2,
  /** 1 when the transport thread has closed the sockets. */
  Closed = 3,
  /** Characters printed that the transport thread has not taken yet. */
  Printed = 4,
}

/** The script of a cell keeps the main thread from its event loop until it has ended, or awaits for the first time. */
export const Script = {
  Away: 0,
  Running: 1,
  /** The watchdog ends it. It must not end by itself any more: the blow would hit what comes after it. */
  Doomed: 2,
} as const;

/** How many flags there are. */
export const FLAGS = 5;
