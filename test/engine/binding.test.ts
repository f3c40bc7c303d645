import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { typeAttribute } from '../../lib/engine/attributes';
import { DataType } from '../../lib/engine/dtype';
import { tensorflow } from '../../lib/engine/tensorflow';

/** A tensor that TensorFlow made of this one: its values are no longer in JavaScript. */
function there<T extends tf.Tensor>(tensor: T): T {
  const { backend, binding } = tensorflow();
  const type = DataType[tensor.dtype as keyof typeof DataType];
  const [copy] = binding.executeOp(
    'Identity',
    [typeAttribute('T', type)],
    backend.getInputTensorIds([tensor]),
    1,
  );
  return backend.createOutputTensor(copy!) as T;
}

describe('engine: tensors', () => {
  before(() => {
    tensorflow();
  });

  it('go to TensorFlow and come back as float32, int32 and bool', () => {
    assert.deepEqual(
      there(tf.tensor1d([1.5, -0, NaN, Infinity])).dataSync(),
      Float32Array.of(1.5, -0, NaN, Infinity),
    );
    assert.deepEqual(
      there(tf.tensor1d([2 ** 31 - 1, -(2 ** 31)], 'int32')).dataSync(),
      Int32Array.of(2 ** 31 - 1, -(2 ** 31)),
    );
    assert.deepEqual(there(tf.tensor1d([true, false, true], 'bool')).dataSync(), Uint8Array.of(1, 0, 1));
  });

  it('go there and back as complex64', () => {
    const z = there(tf.complex([1, 2], [3, -4]));
    assert.deepEqual(Array.from(tf.real(z).dataSync()), [1, 2]);
    assert.deepEqual(Array.from(tf.imag(z).dataSync()), [3, -4]);
  });

  it('go there and back as strings: empty, long, not ASCII', () => {
    const words = ['', 'a', 'β-distribution', 'x'.repeat(1000)];
    assert.deepEqual(there(tf.tensor1d(words)).dataSync(), words);
  });

  it('keep their shape: scalars, empty ones, rank 6', () => {
    for (const shape of [[], [0], [3, 0, 2], [1, 2, 1, 3, 1, 2]]) {
      const tensor = there(tf.ones(shape));
      assert.deepEqual(tensor.shape, shape);
      assert.deepEqual(tensor.dataSync(), new Float32Array(tensor.size).fill(1));
    }
  });

  it('are refused where tfjs has no such type', () => {
    const { binding } = tensorflow();
    assert.throws(() => tf.tensor([1], [1], 'int64' as 'int32'), /int64/);
    assert.throws(() => binding.createTensor([1], 'int64', [1]), { code: 'E_ENGINE', message: /int64/ });
  });

  it('are refused where the values do not fill the shape', () => {
    const { context } = tensorflow();
    const few = Float32Array.of(1, 2);
    for (const make of [
      () => context.tensor(DataType.float32, [3], few),
      () => context.tensor(DataType.float32, [1], few),
      () => context.share(DataType.float32, [3], few),
      () => context.strings([2], ['one']),
    ]) {
      assert.throws(make, { code: 'E_SHAPE', message: /bytes do not fill a tensor of shape/ });
    }
    assert.throws(() => context.tensor(DataType.float32, [3], few), {
      code: 'E_SHAPE',
      message: '8 bytes do not fill a tensor of shape [3], which needs 12',
    });
  });

  it('cannot be used after they were disposed', () => {
    const { backend, binding } = tensorflow();
    const [id] = backend.getInputTensorIds([there(tf.scalar(1))]) as [number];
    binding.deleteTensor(id);
    for (const use of [
      () => binding.tensorDataSync(id),
      () => binding.deleteTensor(id),
      () => binding.executeOp('Neg', [typeAttribute('T', DataType.float32)], [id], 1),
    ]) {
      assert.throws(use, { name: 'CredenceError', code: 'E_DISPOSED' });
    }
  });

  it('are given back when tfjs disposes them', () => {
    const { binding } = tensorflow();
    const before = binding.getNumOfTensors();
    tf.tidy(() => {
      const x = there(tf.ones([4, 4]));
      return tf.add(tf.matMul(x, x), 1).dataSync();
    });
    assert.equal(binding.getNumOfTensors(), before);
  });
});

describe('engine: operations that TensorFlow refuses', () => {
  it('are an E_ENGINE with the name of the operation and the reason', () => {
    const { binding } = tensorflow();
    const float = typeAttribute('T', DataType.float32);
    const id = (shape: number[]) =>
      binding.createTensor(shape, 'float32', new Float32Array(shape[0]! * shape[1]!));
    assert.throws(() => binding.executeOp('MatMul', [float], [id([2, 3]), id([2, 3])], 1), {
      name: 'CredenceError',
      code: 'E_ENGINE',
      message: /^TensorFlow refused MatMul: .*Matrix size-incompatible/,
    });
    assert.throws(() => binding.executeOp('NoSuchOperation', [], [], 1), {
      code: 'E_ENGINE',
      message: /NoSuchOperation/,
    });
    assert.throws(
      () => binding.executeOp('AddV2', [float], [id([1, 1]), binding.createTensor([1], 'int32', [1])], 1),
      { code: 'E_ENGINE', message: /AddV2/ },
    );
  });

  it('leave the engine whole', () => {
    const { binding } = tensorflow();
    for (let i = 0; i < 100; i++) assert.throws(() => binding.executeOp('NoSuchOperation', [], [], 1));
    assert.deepEqual(Array.from(tf.add([1, 2], [3, 4]).dataSync()), [4, 6]);
  });
});

describe('engine: operations with many outputs', () => {
  for (const count of [1, 16, 17, 73, 100, 300]) {
    it(`returns all ${count}`, () => {
      const values = Float32Array.from({ length: count }, (_, i) => i);
      const parts = tf.unstack(there(tf.tensor1d(values)));
      assert.deepEqual(
        parts.map((part) => part.dataSync()[0]),
        Array.from(values),
      );
      const halves = tf.split(tf.tensor2d(values, [count, 1]), count);
      assert.deepEqual(halves.at(-1)!.shape, [1, 1]);
      assert.equal(halves.at(-1)!.dataSync()[0], count - 1);
    });
  }
});
