import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { newestCheckpoint } from '../../lib/runs/checkpoint';
import { readStatus } from '../../lib/runs/status';
import { runScript } from '../child';

/** A run of the smallest model on two workers. */
const start = `
  const { fit, layers, likelihoods, sgd, vi } = require('./index.js');
  const start = (epochs, optimizer) => fit(layers.dense({ units: 1, bias: false }), { x: [0, 1, 2, 3], y: [0, 1, 2, 3] }, {
    likelihood: likelihoods.gaussian({ noise: 1 }), method: vi({ samples: 2 }), devices: 2, epochs, optimizer,
  });`;

describe('runs: the end of the process', () => {
  it('comes by itself when the runs have ended, also after one that failed and that nobody awaits', async () => {
    const program = `${start}
      void start(20).done.then((posterior) => {
        const failing = start(1000, sgd(1e30));
        failing.onChange(() => {
          if (!failing.active) process.stdout.write([posterior.variables.size, failing.state, failing.error.code].join());
        });
      });`;
    assert.deepEqual(await runScript(program), {
      code: 0,
      signal: null,
      stdout: '2,failed,E_DIVERGED',
      stderr: '',
    });
  });

  it('may come in the middle of training: process.exit(0) exits with 0', async () => {
    const program = `${start}
      const run = start(1e7);
      run.onChange(() => run.step > 20 && process.exit(0));`;
    assert.deepEqual(await runScript(program), { code: 0, signal: null, stdout: '', stderr: '' });
  });

  it('leaves what was learned until then on disk, though no checkpoint was due', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'credence-exit-'));
    try {
      const program = `process.env.CREDENCE_RUNS = ${JSON.stringify(folder)}; ${start}
        const run = start(1e7);
        setTimeout(() => { process.stdout.write(String(run.step)); process.exit(0); }, 4000);`;
      const { code, stdout, stderr } = await runScript(program);
      assert.deepEqual([code, stderr], [0, '']);
      const [name] = readdirSync(folder);
      const { step } = newestCheckpoint(path.join(folder, name!))!;
      // the state is copied every second; the first checkpoint is of the first steps, and the next was due in ten seconds
      assert.ok(step > 0.3 * Number(stdout), `step ${step} of ${stdout}`);
      assert.equal(readStatus(path.join(folder, name!)).state, 'running'); // of a process that is gone: 'interrupted'
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
