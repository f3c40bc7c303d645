/** A process that trains until it is killed. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { adam } from '../lib/optimizers';
import { checkpointsIn } from '../lib/runs/checkpoint';
import { runFolder } from '../lib/runs/runFolder';
import { list } from '../lib/runs/stored';
import { clouds, fitClouds, options } from './problems';
import { until } from './wait';

/** Starts to learn the clouds in a process of its own, and kills it when there is a checkpoint. Returns the run's id. */
export async function spawnAndKill(folder: string): Promise<string> {
  const child = fork(__filename, { env: { ...process.env, CREDENCE_RUNS: folder }, stdio: 'inherit' });
  const exited = once(child, 'exit');
  try {
    await until(() => list().some(({ id, step }) => step > 0 && checkpointsIn(runFolder(id)).length > 0));
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
  const [run] = list();
  assert.ok(run);
  return run.id;
}

if (require.main === module) {
  fitClouds({ ...options(), likelihood: clouds.likelihood, optimizer: adam(1e-2), epochs: 1e6 });
}
