/** Starts a training on two processes, says which they are, and waits to be killed. */
import { pool } from '../../lib/cluster';
import { ENDLESS, fitClouds, options } from '../problems';
import { steps } from '../wait';

async function start(): Promise<void> {
  const cluster = await pool({ launcher: 'mpirun', ranks: 2, workersPerRank: 1 });
  const run = fitClouds({
    ...options(),
    devices: 'all',
    pool: cluster,
    strategy: 'sample',
    epochs: ENDLESS,
    save: false,
  });
  await steps(run, 10);
  process.stdout.write(JSON.stringify(cluster.ranks.map(({ pid }) => pid)));
}

void start();
