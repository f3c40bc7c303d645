import assert from 'node:assert/strict';
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
});
