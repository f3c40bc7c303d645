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

  /** Trains for a while in a process of its own, then ends it: the step it told last, and what is on disk. */
  const endBy = async (end: string): Promise<{ told: number; step: number; state: string }> => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'credence-exit-'));
    try {
      const program = `process.env.CREDENCE_RUNS = ${JSON.stringify(folder)}; ${start}
        const run = start(1e7);
        const exit = () => { process.stdout.write(String(run.step)); process.exit(0); };
        const stop = run.onChange(() => {
          if (run.step === 0) return;
          stop();
          setTimeout(() => { ${end} }, 2500);
        });`;
      const { code, stdout, stderr } = await runScript(program);
      assert.deepEqual([code, stderr], [0, '']);
      const [name] = readdirSync(folder);
      const own = path.join(folder, name!);
      return { told: Number(stdout), step: newestCheckpoint(own)!.step, state: readStatus(own).state };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };

  it('leaves what was learned until then on disk, though no checkpoint was due', async () => {
    const { told, step, state } = await endBy('exit();');
    // the state is copied every second; the first checkpoint is of the first steps, and the next was due in ten seconds
    assert.ok(step > 0.3 * told, `step ${step} of ${told}`);
    assert.equal(state, 'running'); // of a process that is gone: 'interrupted'
  });

  it('loses nothing of a run that was stopped just before, whether the disk was done or not', async () => {
    for (const wait of [1, 10]) {
      const { told, step } = await endBy(`run.stop(); setTimeout(exit, ${wait});`);
      assert.ok(step > 0.3 * told, `step ${step} of ${told}`);
    }
  });
});
