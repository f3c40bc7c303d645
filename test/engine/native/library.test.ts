import assert from 'node:assert/strict';
import { libraryFolder } from '../../../lib/engine/native/library';
import { runWithoutTensorFlow } from '../../backends';
import { runScript } from '../../child';

describe('engine: the library', () => {
  it('is found in the Python package', () => {
    assert.match(libraryFolder(), /tensorflow/);
  });

  it('says what is missing, where, and what to do', async () => {
    const program = `
      const { tensorflow } = require('./engine/tfjs/tensorflow');
      try {
        tensorflow();
      } catch ({ name, code, message }) {
        process.stdout.write(JSON.stringify({ name, code, message }));
      }`;
    const { code, stdout, folder } = await runWithoutTensorFlow(program);
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
      const { jit } = require('./engine/compile/jit');
      require('./engine/tfjs/tensorflow').tensorflow();
      process.stdout.write(String(jit((x) => tf.exp(x), { xla: true })(tf.zeros([2])).dataSync()));`;
    assert.deepEqual(await runScript(program), { code: 0, signal: null, stdout: '1,1', stderr: '' });
  });
});
