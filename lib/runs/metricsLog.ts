/** The losses of every step on disk, a line of JSON for each: `{"step":1,"nll":2.31,"kl":0.04}`. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { CredenceError } from '../errors';
import { writeError } from './atomically';

const CHUNK = 1 << 20;
const NEWLINE = 10;

/** Losses by step, in order. */
export interface Metrics {
  step: Int32Array;
  /** Negative log likelihood per datum. */
  nll: Float64Array;
  /** KL divergence per datum, with its weight. The loss is nll + kl. */
  kl: Float64Array;
}

export const metricsFile = (folder: string): string => path.join(folder, 'metrics.jsonl');

/** The losses of some steps as lines. @param first the number of the first step, counted from 1 */
export const metricsLines = (first: number, nll: readonly number[], kl: readonly number[]): string =>
  nll.map((value, i) => `${JSON.stringify({ step: first + i, nll: value, kl: kl[i] })}\n`).join('');

/** Appends to the log. Whole lines only: what a killed process or a full disk has left of one is cut off first. */
export class MetricsLog {
  private length: number | undefined;

  constructor(private readonly file: string) {}

  /** @throws CredenceError E_FILE: then nothing of it counts as written */
  async append(lines: string): Promise<void> {
    try {
      const handle = await open(this.file, constants.O_RDWR | constants.O_CREAT);
      try {
        this.length ??= await wholeLines(handle);
        await handle.truncate(this.length);
        const bytes = Buffer.from(lines);
        for (let done = 0; done < bytes.length;) {
          done += (await handle.write(bytes, done, bytes.length - done, this.length + done)).bytesWritten;
        }
        this.length += bytes.length;
      } finally {
        await handle.close();
      }
    } catch (cause) {
      throw writeError(this.file, cause);
    }
  }
}

/** Bytes until the end of the last whole line. */
async function wholeLines(handle: FileHandle): Promise<number> {
  const chunk = Buffer.alloc(CHUNK);
  let end = (await handle.stat()).size;
  while (end > 0) {
    const start = Math.max(0, end - CHUNK);
    const { bytesRead } = await handle.read(chunk, 0, end - start, start);
    const last = chunk.lastIndexOf(NEWLINE, bytesRead - 1);
    if (bytesRead > 0 && last >= 0) return start + last + 1;
    end = start;
  }
  return 0;
}

/** The lines of a file from a place on. What follows the last newline was not written whole. */
function* linesOf(descriptor: number, from: number): Generator<string> {
  const chunk = Buffer.alloc(CHUNK);
  let position = from;
  let rest = '';
  for (;;) {
    const length = readSync(descriptor, chunk, 0, CHUNK, position);
    if (length === 0) return;
    position += length;
    const lines = (rest + chunk.toString('latin1', 0, length)).split('\n');
    rest = lines.pop()!;
    if (rest.length > CHUNK) rest = ''; // not one of ours
    yield* lines;
  }
}

/** A line, or undefined if it is not one of ours: a power cut may leave anything. */
function parseLine(line: string): { step: number; nll: number; kl: number } | undefined {
  try {
    const { step, nll, kl } = JSON.parse(line) as Record<string, unknown>;
    if (!Number.isInteger(step) || (step as number) < 1 || (step as number) >= 2 ** 31) return undefined;
    const number = (value: unknown): number => (typeof value === 'number' ? value : NaN); // JSON has no NaN
    return { step: step as number, nll: number(nll), kl: number(kl) };
  } catch {
    return undefined;
  }
}

/**
 * Reads the log. A run that was resumed has done some steps again: the last time counts.
 * @param tail read so many bytes at its end only
 * @throws CredenceError E_FILE
 */
export function readMetrics(file: string, tail = Infinity): Metrics {
  const steps: number[] = [];
  const nlls: number[] = [];
  const kls: number[] = [];
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const from = Math.max(0, fstatSync(descriptor).size - tail);
    for (const line of linesOf(descriptor, from)) {
      const parsed = parseLine(line);
      if (!parsed) continue;
      while (steps.length > 0 && steps.at(-1)! >= parsed.step)
        for (const list of [steps, nlls, kls]) list.pop();
      steps.push(parsed.step);
      nlls.push(parsed.nll);
      kls.push(parsed.kl);
    }
  } catch (cause) {
    // a run that has done no step yet has no log
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new CredenceError('E_FILE', `${file} cannot be read: ${(cause as Error).message}`, { cause });
    }
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
  return { step: Int32Array.from(steps), nll: Float64Array.from(nlls), kl: Float64Array.from(kls) };
}
