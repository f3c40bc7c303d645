import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { flavours, isThere } from '../mpi/ranks';
import { drive } from './drive';

const openMpi = flavours.find(({ kind }) => kind === 'openmpi')!;
const env = { ...process.env, PATH: `${path.dirname(openMpi.program)}:${process.env['PATH']}` };

const script = `
import { data, fit, layers, likelihoods } from 'credence';
const options = { likelihood: likelihoods.gaussian(), epochs: 4, batchSize: 20, save: false };
const run = fit(layers.dense({ units: 1 }), data.wave({ points: 60, noise: 0.1, seed: 1 }).train, options);
await run.done;
console.log(\`\${run.workers} \${run.step}\`);
`;

describe('cluster: Open MPI', function () {
  this.timeout(60_000);
  before(function () {
    if (isThere(openMpi)) return;
    process.stderr.write('      skipped: CREDENCE_TEST_OPENMPI names no folder with an Open MPI\n');
    this.skip();
  });

  it('trains in a pool as one worker does, and its end is told when a rank dies', async () => {
    const { trained, failed, gone } = await drive(
      { launcher: 'mpirun', ranks: 2, workersPerRank: 1, patience: 20 },
      env,
    );
    assert.match(trained.library, /^Open MPI/);
    assert.equal(trained.ranks.length, 2);
    const start = performance.now();
    process.kill(trained.ranks[1]!.pid, 'SIGKILL');
    const { code, message } = await failed;
    assert.equal(code, 'E_CLUSTER');
    assert.match(message, /^rank 1 on .+ has died.*resume\(/);
    assert.ok(performance.now() - start < 10_000);
    await gone();
  });

  it('trains a script on all ranks', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'credence-openmpi-'));
    try {
      writeFileSync(path.join(folder, 'train.ts'), script);
      const cli = path.join(__dirname, '..', '..', 'kernel', 'cli.js');
      const words = ['--allow-run-as-root', '--bind-to', 'none', '-n', '2', process.execPath, cli];
      const { status, stdout, stderr } = spawnSync(
        openMpi.program,
        [...words, 'train', '--workers', '1', 'train.ts'],
        { cwd: folder, env, encoding: 'utf8', timeout: 50_000 },
      );
      assert.equal(status, 0, stderr);
      assert.match(stderr, /Pool of 2 processes, 2 workers \(Open MPI/);
      assert.equal(stdout.trim(), '2 12');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
