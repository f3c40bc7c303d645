/** Starts `driver.js`, and reads what it says. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { PoolOptions } from '../../lib/cluster';
import { until } from '../wait';
import type { Failed, Trained } from './driver';

/** Of the largest parameter: what the order of sums in single precision makes of it in 102 steps. */
export const TOLERANCE = 1e-5;
/** A process that has not ended by then hangs. */
const LIMIT_MS = 55_000;

export const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Waits until none of these processes is there. */
export const allGone = (pids: readonly number[]): Promise<void> => until(() => !pids.some(alive));

export interface Driven {
  trained: Trained;
  /** What the driver says in the end. */
  failed: Promise<Failed>;
  /** Waits until the driver and all ranks are gone. */
  gone(): Promise<void>;
}

/**
 * Trains on a pool from a process of its own, and judges what was learned. The last training goes on.
 * @param before words before the program: what it is started by
 */
export async function drive(
  options: PoolOptions,
  env: NodeJS.ProcessEnv,
  before: readonly string[] = [],
): Promise<Driven> {
  const own = [process.execPath, path.join(__dirname, 'driver.js'), JSON.stringify(options)];
  const [program, ...words] = [...before, ...own];
  const child: ChildProcess = spawn(program!, words, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS, // it takes the job along
  });
  const ended = once(child, 'close');
  let complaints = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const hear = async <T>(): Promise<T> => {
    const { value, done } = (await lines.next()) as IteratorResult<string, undefined>;
    assert.ok(!done, `the driver has ended: ${complaints}`);
    return JSON.parse(value) as T;
  };
  const trained = await hear<Trained>();
  for (const off of trained.off) assert.ok(off <= TOLERANCE, `off by ${off}`);
  return {
    trained,
    failed: hear<Failed>(),
    gone: async () => {
      await ended;
      await allGone(trained.ranks.map(({ pid }) => pid));
    },
  };
}
