/** `credence train script.ts`: a script that trains, on this machine, or on all processes of the job that it was started in. */
import { existsSync } from 'node:fs';
import { register } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { channelPair, poolOver, setDefaultPool, takePart } from '../lib/cluster';
import { CredenceError } from '../lib/errors';
import { progressLine } from '../lib/figures/wire/progress';
import { startedInJob } from '../lib/mpi';
import { activeRuns } from '../lib/runs/registry';
import { progressOf } from '../lib/show/runView';

export interface TrainOptions {
  /** Workers of each process. Default: its share of the devices of its machine. */
  workers?: number | undefined;
  /** Seconds that a process waits for the others in a step before it gives them up. */
  patience: number;
}

const TELL_MS = 5000;
/** The first process has so long to end what it trains when the job is told to end. */
const GRACE_MS = 30_000;

/**
 * Runs a script in TypeScript or JavaScript, with its arguments. Of a job, the first process runs it, and `fit` trains on all.
 * @throws CredenceError E_FILE if there is no such script; what the script throws
 */
export async function train(
  [script = '', ...words]: readonly string[],
  { workers, patience }: TrainOptions,
): Promise<void> {
  const file = path.resolve(script);
  if (!existsSync(file)) throw new CredenceError('E_FILE', `there is no script ${file}`);
  process.argv.splice(1, Infinity, file, ...words);
  if (!startedInJob()) return runScript(file);

  const [near, far] = channelPair();
  const part = takePart((mpi) => Promise.resolve(mpi.rank === 0 ? far : undefined), {
    workers,
    patience: 1000 * patience,
    grace: GRACE_MS,
  });
  const cluster = await Promise.race([poolOver(near), part]);
  if (!cluster) return; // another process runs the script
  process.stderr.write(`${String(cluster)}\n`);
  setDefaultPool(cluster);
  try {
    await runScript(file);
  } finally {
    await cluster.close();
    await part;
  }
}

async function runScript(file: string): Promise<void> {
  stopWhenTold();
  const telling = setInterval(tell, TELL_MS).unref();
  process.setSourceMapsEnabled(true);
  register('./scriptLoader.js', pathToFileURL(__filename));
  try {
    await import(pathToFileURL(file).href);
    await Promise.all(activeRuns().map(({ done }) => done));
  } finally {
    clearInterval(telling);
    tell();
  }
}

/** A line for each run that goes on. */
function tell(): void {
  for (const run of activeRuns()) process.stderr.write(`${progressLine(progressOf(run))}\n`);
}

/** Ctrl-C, or the end of the job's time: runs stop after the present step, keep what they have learned, and the script goes on. */
function stopWhenTold(): void {
  const stop = (): void => {
    const runs = activeRuns().filter(({ state }) => state !== 'stopping');
    if (runs.length === 0) process.exit(1);
    for (const run of runs) run.stop();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
}
