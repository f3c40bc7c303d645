import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { libraryFolder } from '../../lib/engine/library';
import { runScript } from '../child';

describe('engine: the library', () => {
  it('is found in the Python package', () => {
    assert.match(libraryFolder(), /tensorflow/);
  });

  it('says what is missing, where, and what to do', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'credence-'));
    const program = `
      const { devices } = require('./engine/tensorflow');
      try {
        devices();
      } catch ({ name, code, message }) {
        process.stdout.write(JSON.stringify({ name, code, message }));
      }`;
    const { code, stdout } = await runScript(program, { CREDENCE_TENSORFLOW: folder });
    rmSync(folder, { recursive: true });
    const error = JSON.parse(stdout) as { name: string; code: string; message: string };
    assert.equal(code, 0);
    assert.equal(error.name, 'CredenceError');
    assert.equal(error.code, 'E_LIBRARY');
    assert.match(error.message, /^libtensorflow_framework\S+ is not in /);
    assert.ok(error.message.includes(folder));
    assert.match(error.message, /npm start.*CREDENCE_TENSORFLOW/);
  });

  it('keeps its log off the terminal, also when XLA compiles', async () => {
    const program = `
      const tf = require('@tensorflow/tfjs');
      const { jit } = require('./engine/jit');
      const { devices } = require('./engine/tensorflow');
      devices();
      process.stdout.write(String(jit((x) => tf.exp(x), { xla: true })(tf.zeros([2])).dataSync()));`;
    assert.deepEqual(await runScript(program), { code: 0, signal: null, stdout: '1,1', stderr: '' });
  });
});
