import assert from 'node:assert/strict';
import { backends, callOn, distance, runWithoutTensorFlow } from '../../backends';
import { runScript } from '../../child';
import type { Evaluated, Speed } from './fallbackCases';

/** float32 sums of some thousand products, in another order. */
const TOLERANCE = 1e-5;

describe('engine: without TensorFlow', () => {
  it('computes what TensorFlow computes: values, gradients, random numbers', async () => {
    const [truth, ...others] = [
      await callOn<Evaluated>('tensorflow', 'engine/tfjs/fallbackCases', 'evaluate'),
      await callOn<Evaluated>('wasm', 'engine/tfjs/fallbackCases', 'evaluate'),
      await callOn<Evaluated>('cpu', 'engine/tfjs/fallbackCases', 'evaluate'),
    ] as const;
    assert.deepEqual(
      [truth, ...others].map(({ backend }) => backend),
      [...backends],
    );
    const names = Object.keys(truth.results);
    assert.ok(names.length > 35);
    for (const { backend, results, tensors } of others) {
      assert.deepEqual(Object.keys(results), names);
      for (const name of names) {
        truth.results[name]!.forEach((values, i) => {
          const far = distance(values, results[name]![i]!);
          assert.ok(far < TOLERANCE, `${name}, result ${i}: ${far} on ${backend}`);
          assert.ok(values.every(Number.isFinite) && values.some((value) => value !== 0), name);
        });
      }
      assert.equal(tensors, 0, 'tensors that were not disposed');
    }
  });

  it('multiplies batches of matrices on wasm about as fast as one by one', async () => {
    const { together, apart } = await callOn<Speed>('wasm', 'engine/tfjs/fallbackCases', 'speed');
    // tfjs's own kernel takes ten times as long
    assert.ok(together < 3 * apart, `${together} ms for a batch, ${apart} ms for its matrices`);
  });

  const compute = `
    const tf = require('@tensorflow/tfjs');
    const { backend, devices } = require('./engine/tfjs/backend');
    const { jit } = require('./engine/compile/jit');
    process.stdout.write([backend(), devices().map(({ type }) => type), jit((x) => tf.exp(x))(tf.zeros([1])).dataSync()].join());`;

  it('takes wasm, and says so in one line', async () => {
    const { code, stdout, stderr, folder } = await runWithoutTensorFlow(compute);
    assert.deepEqual([code, stdout], [0, 'wasm,CPU,1']);
    assert.match(stderr, /^credence: TensorFlow is not used: [^\n]*'wasm'[^\n]*\n$/);
    assert.ok(stderr.includes(`${folder}. Install TensorFlow`));
  });

  it('takes the backend that was asked for, and says nothing', async () => {
    for (const name of ['wasm', 'cpu']) {
      const { code, stdout, stderr } = await runScript(compute, { CREDENCE_BACKEND: name });
      assert.deepEqual([code, stdout, stderr], [0, `${name},CPU,1`, '']);
    }
  });

  it('fails where TensorFlow was asked for', async () => {
    const program = `
      try { require('./engine/tfjs/backend').backend(); } catch ({ code }) { process.stdout.write(code); }`;
    const { stdout, stderr } = await runWithoutTensorFlow(program, { CREDENCE_BACKEND: 'tensorflow' });
    assert.deepEqual([stdout, stderr], ['E_LIBRARY', '']);
  });

  it('refuses a backend that there is not', async () => {
    const program = `
      try { require('./engine/tfjs/backend').backend(); } catch ({ code, message }) { process.stdout.write(code + ': ' + message); }`;
    const { stdout } = await runScript(program, { CREDENCE_BACKEND: 'webgl' });
    assert.equal(stdout, "E_OPTION: CREDENCE_BACKEND must be one of tensorflow, wasm, cpu, got 'webgl'");
  });

  it('says what needs TensorFlow', async () => {
    const program = `
      const { trace } = require('./engine/compile/trace');
      try { trace((x) => x, [{ shape: [1], dtype: 'float32' }]); } catch ({ code, message }) { process.stdout.write(code + ': ' + message); }`;
    const { stdout } = await runScript(program, { CREDENCE_BACKEND: 'wasm' });
    assert.equal(stdout, "E_ENGINE: this needs TensorFlow, but CREDENCE_BACKEND asks for 'wasm': unset it");
  });

  it('leaves the errors of the process to the process', async () => {
    const program = `
      require('./engine/tfjs/backend').backend();
      const count = (event) => process.listenerCount(event);
      process.stdout.write(String([count('unhandledRejection'), count('uncaughtException')]));`;
    const { stdout } = await runScript(program, { CREDENCE_BACKEND: 'wasm' });
    assert.equal(stdout, '0,0');
  });
});
