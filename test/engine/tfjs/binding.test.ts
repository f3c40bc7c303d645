import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { type Attribute, intAttribute, typeAttribute } from '../../../lib/engine/native/attributes';
import { DataType } from '../../../lib/engine/native/dtype';
import { gatherRows } from '../../../lib/engine/compile/gather';
import { jit } from '../../../lib/engine/compile/jit';
import { tensorflow } from '../../../lib/engine/tfjs/tensorflow';
import { trace } from '../../../lib/engine/compile/trace';
import type { CredenceError } from '../../../lib/errors';
import { sizeOf } from '../../../lib/ndarray';
import { runScript } from '../../child';

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
    assert.throws(() => binding.createTensor([1], 'resource', [1]), {
      code: 'E_ENGINE',
      message: /resource/,
    });
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

  it('come with `data()` although they are disposed before', async () => {
    const x = there(tf.tensor1d([1, 2, 3]));
    const values = x.data();
    x.dispose();
    assert.deepEqual(await values, Float32Array.of(1, 2, 3));
    assert.deepEqual(await tf.tensor1d([true, false], 'bool').data(), Uint8Array.of(1, 0)); // not yet in TensorFlow
    assert.deepEqual(await there(tf.tensor1d(['a', 'β'])).data(), ['a', 'β']);
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
  const float = typeAttribute('T', DataType.float32);
  const ids = (...shapes: number[][]): number[] =>
    shapes.map((shape) =>
      tensorflow().binding.createTensor(shape, 'float32', new Float32Array(sizeOf(shape))),
    );

  it('are an E_ENGINE with the operation, its operands and the reason', () => {
    const { binding } = tensorflow();
    assert.throws(() => binding.executeOp('MatMul', [float], ids([2, 3], [4, 5]), 1), {
      name: 'CredenceError',
      code: 'E_ENGINE',
      message:
        'TensorFlow refused MatMul of float32[2,3] and float32[4,5]: Matrix size-incompatible: In[0]: [2,3], In[1]: [4,5]',
    });
    assert.throws(() => binding.executeOp('NoSuchOperation', [], [], 1), {
      code: 'E_ENGINE',
      message: /NoSuchOperation/,
    });
    const whole = binding.createTensor([1], 'int32', [1]);
    assert.throws(() => binding.executeOp('AddV2', [float], [...ids([1, 1]), whole], 1), {
      code: 'E_ENGINE',
      message: /AddV2 of float32\[1,1\] and int32\[1\]: /,
    });
    const [N, Tidx] = [intAttribute('N', 9), typeAttribute('Tidx', DataType.int32)];
    const parts = ids(...new Array<number[]>(9).fill([2]));
    assert.throws(() => binding.executeOp('ConcatV2', [float, N, Tidx], [...parts, ...ids([])], 1), {
      message: /ConcatV2 of (float32\[2\], ){5}float32\[2\] and 4 more: /,
    });
  });

  it('are the same in a compiled function: when it is traced, and when it runs', () => {
    const bad = jit((x: tf.Tensor, y: tf.Tensor) => {
      const { binding, backend } = tensorflow();
      const [product] = binding.executeOp('MatMul', [float], backend.getInputTensorIds([x, y]), 1);
      return backend.createOutputTensor(product!);
    });
    assert.throws(() => bad(tf.ones([2, 3]), tf.ones([4, 5])), {
      code: 'E_ENGINE',
      message: /^TensorFlow refused MatMul of float32\[2,3\] and float32\[4,5\]: Dimensions must be equal/,
    });
    const late = jit((x: tf.Tensor, rows: tf.Tensor) => gatherRows(x, rows));
    assert.throws(() => late(tf.ones([2, 3]), tf.tensor1d([7], 'int32')), {
      code: 'E_ENGINE',
      message:
        /^TensorFlow refused a compiled function of float32\[2,3\] and int32\[1\]: indices\[0\] = 7 is not in \[0, 2\)/,
    });
  });

  it('leave the engine whole', () => {
    const { binding } = tensorflow();
    for (let i = 0; i < 100; i++) assert.throws(() => binding.executeOp('NoSuchOperation', [], [], 1));
    assert.deepEqual(Array.from(tf.add([1, 2], [3, 4]).dataSync()), [4, 6]);
  });
});

describe('engine: too little memory', () => {
  /** Asks for 64 tebibytes in a process of its own (TensorFlow waits ten seconds for memory to become free), then for a sum. */
  async function tooLarge(call: string): Promise<{ error: CredenceError; sum: number[] }> {
    const program = `
      const tf = require('@tensorflow/tfjs');
      const { jit } = require('./engine/compile/jit');
      require('./engine/tfjs/tensorflow').tensorflow();
      const absurd = [2 ** 23, 2 ** 21];
      let error;
      try { ${call}; } catch ({ name, code, message }) { error = { name, code, message }; }
      process.stdout.write(JSON.stringify({ error, sum: [...tf.add([1, 2], [3, 4]).dataSync()] }));`;
    const { code, stdout, stderr } = await runScript(program);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as { error: CredenceError; sum: number[] };
  }

  it('is an error that says what was asked for, after which the engine goes on', async () => {
    const [eager, compiled] = await Promise.all([
      tooLarge('tf.fill(absurd, 1)'),
      tooLarge('jit((x) => tf.sum(tf.add(tf.fill(absurd, 1), x)))(tf.scalar(1))'),
    ]);
    for (const [{ error, sum }, tried] of [
      [eager, 'Fill of int32[2] and float32[]'],
      [compiled, 'a compiled function of float32[]'],
    ] as const) {
      assert.equal(error.name, 'CredenceError');
      assert.equal(error.code, 'E_MEMORY');
      assert.ok(error.message.startsWith(`there is not enough memory for ${tried}: OOM `), error.message);
      assert.match(
        error.message,
        /tensor with shape\[8388608,2097152\] and type float .* Use smaller batches/,
      );
      assert.deepEqual(sum, [4, 6]);
    }
  });

  it('is no size that has no bytes', () => {
    assert.throws(() => tf.fill([2 ** 30, 2 ** 30, 2 ** 10], 1), {
      code: 'E_ENGINE',
      message: /would have more than 2\*\*63 - 1 elements/,
    });
  });
});

describe('engine: operations are given and give as many tensors as they have', () => {
  const float = typeAttribute('T', DataType.float32);
  const split = (count: number) => [float, intAttribute('num_split', count)];

  it('a wrong number of outputs is refused before anything is written', () => {
    const { binding } = tensorflow();
    const [x, axis] = [
      binding.createTensor([300], 'float32', new Float32Array(300)),
      binding.createTensor([], 'int32', [0]),
    ];
    const tensors = binding.getNumOfTensors();
    const cases: [name: string, attributes: Attribute[], inputs: number[], gives: number][] = [
      ['NoOp', [], [], 0],
      ['Neg', [float], [x], 1],
      ['Unique', [float, typeAttribute('out_idx', DataType.int32)], [x], 2],
      ['Split', split(1), [axis, x], 1],
      ['Split', split(300), [axis, x], 300],
      ['IdentityN', [{ ...float, value: [DataType.float32, DataType.int32] }], [x, axis], 2],
    ];
    for (const [name, attributes, inputs, gives] of cases) {
      for (const asked of [0, 1, 2, 17, 299, 301].filter((count) => count !== gives)) {
        assert.throws(() => binding.executeOp(name, attributes, inputs, asked), {
          code: 'E_ENGINE',
          message: `${name} gives ${gives} tensor${gives === 1 ? '' : 's'}, and ${asked} were asked for`,
        });
      }
      const results = binding.executeOp(name, attributes, inputs, gives);
      assert.equal(results.length, gives);
      results.forEach(({ id }) => binding.deleteTensor(id));
    }
    assert.equal(binding.getNumOfTensors(), tensors);
  });

  it('a wrong number of inputs is refused before C reads them', () => {
    const { binding } = tensorflow();
    const x = binding.createTensor([1], 'float32', [1]);
    for (const inputs of [[], [x], [x, x, x], new Array<number>(300).fill(x)]) {
      assert.throws(() => binding.executeOp('AddV2', [float], inputs, 1), {
        code: 'E_ENGINE',
        message: `AddV2 takes 2 tensors, and was given ${inputs.length}`,
      });
    }
    assert.throws(() => binding.executeOp('ConcatV2', [float, intAttribute('N', 2)], [], 1), {
      message: 'ConcatV2 takes at least 1 tensor, and was given 0',
    });
    assert.throws(() => binding.executeOp('ConcatV2', [float, intAttribute('N', 2)], [x, x], 1), {
      code: 'E_ENGINE',
      message: /TensorFlow refused ConcatV2 of float32\[1\] and float32\[1\]: /,
    });
  });

  it('compiled functions, too', () => {
    const { context } = tensorflow();
    const fn = trace(
      (x, y) => [tf.add(x, y), tf.sub(x, y)],
      [
        { shape: [1], dtype: 'float32' },
        { shape: [1], dtype: 'float32' },
      ],
    );
    context.load(fn.definitions);
    const x = context.tensor(DataType.float32, [1], Float32Array.of(1));
    assert.throws(() => context.execute(fn.name, fn.attributes, [x], 2), {
      message: 'a compiled function takes 2 tensors, and was given 1',
    });
    for (const asked of [0, 1, 3, 100]) {
      assert.throws(() => context.execute(fn.name, fn.attributes, [x, x], asked), {
        message: `a compiled function gives 2 tensors, and ${asked} were asked for`,
      });
    }
    const results = context.execute(fn.name, fn.attributes, [x, x], 2);
    assert.deepEqual(context.read(results[0]!), Float32Array.of(2));
    [x, ...results].forEach((each) => context.free(each));
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
