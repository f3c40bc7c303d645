import assert from 'node:assert/strict';
import { once } from 'node:events';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs';
import { jit } from '../../../lib/engine/compile/jit';
import { call, trace } from '../../../lib/engine/compile/trace';
import { tensorflow } from '../../../lib/engine/tfjs/tensorflow';
import type { FunctionWork } from './functionWorker';

/** What a worker thread makes of a function, once the thread has ended. */
async function inWorker(work: FunctionWork): Promise<Float32Array[]> {
  const worker = new Worker(path.join(__dirname, 'functionWorker.js'), { workerData: work });
  const ended = once(worker, 'exit');
  const [results] = (await once(worker, 'message')) as [Float32Array[]];
  assert.deepEqual(await ended, [0]);
  return results;
}

describe('engine: functions in worker threads', () => {
  const fused = (): ((x: tf.Tensor) => tf.Tensor) =>
    jit((x: tf.Tensor) => tf.tanh(tf.mul(x, 3)), { xla: true });
  const x = Float32Array.of(-1, 0, 0.25, 2);

  it('give the bits that they give in the main thread, with nested functions and gradients', async () => {
    tensorflow();
    const inner = fused();
    const slope = jit((x: tf.Tensor) => tf.grad((y: tf.Tensor) => tf.sum(tf.square(tf.exp(y))))(x), {
      xla: true,
    });
    const fn = trace((x) => [tf.add(inner(x), 1), slope(x)], [{ shape: [4], dtype: 'float32' }]);
    const here = call(fn, [tf.tensor1d(x)]).map((result) => result.dataSync());
    // one after the other: a thread that has ended must leave TensorFlow whole for the next one
    for (let i = 0; i < 3; i++) assert.deepEqual(await inWorker({ fn, x }), here);
    assert.deepEqual(Array.from(tf.add(tf.tensor1d(x), 1).dataSync()), [0, 1, 1.25, 3]);
  });
});
