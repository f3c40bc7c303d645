/**
 * The wire between the driver and a contender, a process of its own: one JSON object a line, as in bench/peers/protocol.py. A
 * contender says `ready` after its first step and sleeps on its standard input; to `run N` it makes N steps and answers
 * `ran`; the end of the input ends it.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

export interface Ready {
  type: 'ready';
  /** From the problem to the end of the first step: tracing and compiling. */
  firstCallSeconds: number;
  /** Of the first step. */
  loss: number;
  /** Libraries that it uses. */
  versions: Record<string, string>;
}

export interface Ran {
  type: 'ran';
  /** Steps made; not always exactly those asked for. */
  steps: number;
  /** All of them together. */
  wallMs: number;
  /** Of all threads. */
  cpuMs: number;
  /** Of the last step. */
  loss: number;
  /** The most memory that the process has had; null where the system does not tell. */
  peakMiB: number | null;
  /** The same without what the process had when its libraries were loaded. */
  peakAboveImportMiB: number | null;
}

export type Message = Ready | Ran;

/** The side of a contender that is written in TypeScript. */
export interface Contestant {
  ready: Omit<Ready, 'type'>;
  /** Memory is that of this process unless it says another. */
  run(steps: number): Promise<Pick<Ran, 'steps' | 'wallMs' | 'cpuMs' | 'loss'> & Partial<Omit<Ran, 'type'>>>;
}

/** MiB that the kernel counts for this process. */
export function memory(field: 'VmRSS' | 'VmHWM'): number | null {
  try {
    const status = readFileSync('/proc/self/status', 'latin1');
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  } catch {
    return null; // not Linux
  }
}

/** CPU time of this process so far, of all threads. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const send = (message: Message): void => void process.stdout.write(`${JSON.stringify(message)}\n`);

/**
 * Serves until the driver closes the input.
 * @param build called when the libraries are loaded: memory counts from here
 */
export async function serve(build: () => Promise<Contestant>): Promise<void> {
  const imported = memory('VmRSS');
  const contestant = await build();
  send({ type: 'ready', ...contestant.ready });
  for await (const line of createInterface({ input: process.stdin })) {
    const ran = await contestant.run(Number(line.split(' ')[1]));
    const peakMiB = memory('VmHWM');
    const peakAboveImportMiB = peakMiB === null || imported === null ? null : peakMiB - imported;
    send({ type: 'ran', peakMiB, peakAboveImportMiB, ...ran });
  }
}
