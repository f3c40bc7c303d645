/**
 * Trains on a pool in a process of its own, which nothing but its work keeps alive, and then waits until somebody ends the job. Says in
 * lines of JSON how it went. Its argument: options of `pool`.
 */
import { pool, type PoolOptions, type Rank } from '../../lib/cluster';
import type { CredenceError } from '../../lib/errors';
import { adam } from '../../lib/optimizers';
import { closePool } from '../../lib/parallel/worker/pool';
import { ENDLESS, fitClouds } from '../problems';
import { deviation } from '../variables';
import { steps } from '../wait';

/** Said when it has trained, and trains on. */
export interface Trained {
  library: string;
  ranks: readonly Rank[];
  /** How far from what one worker learns, with the samples shared out and with the data shared out. */
  off: number[];
}

/** Said when the job has ended. */
export interface Failed {
  code: string;
  message: string;
}

const say = (what: Trained | Failed): void => void process.stdout.write(`${JSON.stringify(what)}\n`);

async function drive(given: PoolOptions): Promise<void> {
  const training = { optimizer: adam(1e-2), epochs: 34, save: false } as const;
  const want = (await fitClouds({ ...training, devices: 1 }).done).variables;
  const cluster = await pool(given);
  const shared = { ...training, devices: 'all', pool: cluster } as const;
  const off: number[] = [];
  for (const strategy of ['sample', 'data'] as const) {
    off.push(deviation((await fitClouds({ ...shared, strategy }).done).variables, want));
  }
  const run = fitClouds({ ...shared, strategy: 'sample', epochs: ENDLESS });
  await steps(run, 20);
  say({ library: cluster.library, ranks: cluster.ranks, off });
  await run.done.catch(({ code, message }: CredenceError) => say({ code, message }));
  await closePool();
}

void drive(JSON.parse(process.argv[2]!) as PoolOptions);
