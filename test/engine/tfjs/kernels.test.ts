import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { jit } from '../../../lib/engine/compile/jit';
import { tensorflow } from '../../../lib/engine/tfjs/tensorflow';

describe('engine: kernels that tfjs-node lacks or refuses', () => {
  before(() => {
    tensorflow();
  });

  it('rounding leaves whole numbers as they are', () => {
    const x = tf.tensor1d([-12345678, 0, 2 ** 31 - 1], 'int32');
    const rounded = tf.round(x);
    assert.equal(rounded.dtype, 'int32');
    assert.deepEqual(Array.from(rounded.dataSync()), [-12345678, 0, 2 ** 31 - 1]);
    assert.deepEqual(Array.from(jit((y: tf.Tensor) => tf.round(y))(x).dataSync()), Array.from(x.dataSync()));
    x.dispose();
    assert.deepEqual(Array.from(rounded.dataSync()), [-12345678, 0, 2 ** 31 - 1]); // its own reference
    assert.deepEqual(Array.from(tf.round(tf.tensor1d([0.5, 1.5, -2.4])).dataSync()), [0, 2, -2]);
  });

  it('the sign of NaN is 0, also in a compiled function', () => {
    const x = tf.tensor1d([-3, 0, NaN, 2]);
    for (const sign of [tf.sign, jit((y: tf.Tensor) => tf.sign(y))]) {
      assert.deepEqual(Array.from(sign(x).dataSync()), [-1, 0, 0, 1]);
    }
    assert.deepEqual(Array.from(tf.sign(tf.tensor1d([-3, 0], 'int32')).dataSync()), [-1, 0]);
  });

  it('draws of a multinomial depend on the seed alone, and have its probabilities', () => {
    const probabilities = [0.1, 0.2, 0.7];
    const draw = (seed: number): number[] =>
      Array.from(tf.multinomial(tf.log<tf.Tensor1D>(tf.tensor1d(probabilities)), 20_000, seed).dataSync());
    const draws = draw(7);
    assert.deepEqual(draw(7), draws);
    assert.notDeepEqual(draw(8), draws);
    assert.notDeepEqual(draw(0.25), draw(0.75));
    for (const [outcome, p] of probabilities.entries()) {
      const share = draws.filter((drawn) => drawn === outcome).length / draws.length;
      assert.ok(Math.abs(share - p) < 5 * Math.sqrt((p * (1 - p)) / draws.length)); // 5 standard errors
    }
    const normalized = tf.multinomial(tf.tensor1d([0, 1]), 100, 1, true);
    assert.ok(normalized.dataSync().every((drawn) => drawn === 1));
  });

  it('windows padded by numbers are averaged over what they see of the input', () => {
    const x = tf.tensor3d([1, 2, 3, 4], [2, 2, 1]);
    assert.deepEqual(tf.avgPool(x, 2, 2, 1).dataSync(), Float32Array.of(1, 2, 3, 4));
    assert.deepEqual(tf.maxPool(tf.neg(x), 2, 2, 1).dataSync(), Float32Array.of(-1, -2, -3, -4));
    const gradient = tf.grad((y: tf.Tensor) => tf.sum(tf.maxPool(y as tf.Tensor3D, 2, 2, 1)))(x);
    assert.deepEqual(gradient.dataSync(), Float32Array.of(1, 1, 1, 1));
  });

  it('text, ragged and sparse tensors are borrowed from plain JavaScript', () => {
    const words = tf.tensor1d(['a b', 'c']);
    const split = tf.string.stringSplit(words, ' ');
    assert.deepEqual(split['values']!.dataSync(), ['a', 'b', 'c'] as unknown);
    assert.deepEqual(Array.from(tf.lowerBound([1, 3, 5], [3, 4]).dataSync()), [1, 2]);
  });

  it('leave no tensors behind', () => {
    const { binding } = tensorflow();
    const plain = tf.findBackend('cpu');
    const x = tf.tensor3d([1, 2, 3, 4], [2, 2, 1]);
    const run = (): void =>
      tf.tidy(() => {
        tf.avgPool(x, 2, 2, 1);
        tf.sign(x);
        tf.multinomial(tf.tensor1d([0.5, 0.5]), 3, 1, true);
        tf.string.stringSplit(['a b'], ' ');
      });
    run();
    const before = [tf.memory().numTensors, binding.getNumOfTensors(), plain.numDataIds()];
    for (let i = 0; i < 5; i++) run();
    assert.deepEqual([tf.memory().numTensors, binding.getNumOfTensors(), plain.numDataIds()], before);
  });

  it('what is borrowed cannot be compiled, and says so', () => {
    const padded = jit((x: tf.Tensor) => tf.avgPool(x as tf.Tensor3D, 2, 2, 1));
    assert.throws(() => padded(tf.ones([2, 2, 1])), {
      code: 'E_TRACE',
      message: /^tfjs's AvgPool cannot be compiled as it is called here/,
    });
    assert.deepEqual(Array.from(tf.add([1], [2]).dataSync()), [3]);
  });

  it('a label that only the result of an einsum has is refused', () => {
    const [x, y] = [tf.ones([2, 3]), tf.ones([3, 2])];
    assert.throws(() => tf.einsum('ij,jk->in', x, y), { code: 'E_SHAPE', message: /label n/ });
    assert.deepEqual(Array.from(tf.einsum('ij,jk->ik', x, y).dataSync()), [3, 3, 3, 3]);
  });
});
