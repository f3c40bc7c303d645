import assert from 'node:assert/strict';
import { typeAttribute } from '../../../lib/engine/native/attributes';
import { Context, type Handle } from '../../../lib/engine/native/context';
import { DataType } from '../../../lib/engine/native/dtype';
import { devices } from '../../../lib/engine/tfjs/backend';
import { tensorflow, tensorflowVersion } from '../../../lib/engine/tfjs/tensorflow';
import { allocateShared } from '../../../lib/engine/native/memory';
import { share } from '../../../lib/parallel/memory/shared';

const { float32, int32 } = DataType;
const float = typeAttribute('T', float32);

describe('engine: shared memory as a tensor', () => {
  /** A tensor over shared memory, and a function that reads what TensorFlow sees in it. */
  function shared(length: number) {
    const { context } = tensorflow();
    const { buffer, offset } = allocateShared(4 * length);
    const values = new Float32Array(buffer, offset, length);
    const handle = context.share(float32, [length], values);
    return { context, values, handle };
  }

  it('is not copied: a later change of the memory is seen by TensorFlow', () => {
    const { context, values, handle } = shared(5);
    for (const start of [0, 10]) {
      values.set([1, 2, 3, 4, 5].map((value) => value + start));
      const [negated] = context.execute('Neg', [float], [handle], 1) as [Handle];
      assert.deepEqual(
        Array.from(context.read(negated) as Float32Array),
        [1, 2, 3, 4, 5].map((v) => -(v + start)),
      );
      context.free(negated);
    }
    context.free(handle);
  });

  it('stays the memory of JavaScript when the tensor is freed', () => {
    const { context, values, handle } = shared(3);
    values.set([7, 8, 9]);
    context.free(handle);
    assert.deepEqual(Array.from(values), [7, 8, 9]);
  });

  it('takes what a tensor holds, if it is of the same size', () => {
    const { context, values, handle } = shared(2);
    const source = context.tensor(float32, [2], Float32Array.of(3, 4));
    context.readInto(source, values);
    assert.deepEqual(Array.from(values), [3, 4]);
    assert.throws(() => context.readInto(source, new Float32Array(3)), {
      code: 'E_SHAPE',
      message: 'a tensor of 8 bytes does not fit 12 bytes',
    });
    [source, handle].forEach((each) => context.free(each));
  });

  it('may be empty', () => {
    const { context } = tensorflow();
    const { buffer, offset, byteLength } = share(new Int32Array(0));
    const handle = context.share(int32, [0, 4], new Uint8Array(buffer, offset, byteLength));
    assert.deepEqual(context.shapeOf(handle), [0, 4]);
    context.free(handle);
  });
});

describe('engine: contexts', () => {
  it('lists the processors, a CPU among them', () => {
    const found = devices();
    assert.ok(found.some(({ type }) => type === 'CPU'));
    for (const { name, memory } of found) {
      assert.match(name, /device:(CPU|GPU):\d+$/);
      assert.ok(memory > 0);
    }
    assert.match(tensorflowVersion(), /^2\.\d+\.\d+/);
  });

  it('says how many GPUs there are where one is wanted that is not there', () => {
    assert.throws(() => new Context({ gpu: 99 }), {
      code: 'E_ENGINE',
      message: /no GPU 99: TensorFlow sees \d+ GPUs/,
    });
  });

  it('frees itself once, with its tensors, and cannot be used afterwards', () => {
    const context = new Context();
    const handle = context.tensor(float32, [2], Float32Array.of(1, 2));
    assert.deepEqual(Array.from(context.read(handle) as Float32Array), [1, 2]);
    context.dispose();
    context.dispose();
    assert.equal(context.liveTensors, 0);
    const disposed = { code: 'E_DISPOSED', message: 'this TensorFlow context was disposed' };
    assert.throws(() => context.tensor(float32, [1], Float32Array.of(1)), disposed);
    assert.throws(() => context.strings([1], ['text']), disposed);
    assert.throws(() => context.share(float32, [1], Float32Array.of(1)), disposed);
    assert.throws(() => context.execute('NoOp', [], [], 0), disposed);
    assert.throws(() => context.read(handle), disposed);
    assert.throws(() => context.readInto(handle, new Float32Array(2)), disposed);
    assert.throws(() => context.shapeOf(handle), disposed);
    assert.throws(() => context.load([]), disposed);
    assert.doesNotThrow(() => context.free(handle));
  });
});

describe('engine: tensors that were freed', () => {
  /** Everything that can be done with a tensor of a context. */
  const uses: Record<string, (context: Context, handle: Handle) => unknown> = {
    execute: (context, handle) => context.execute('Neg', [float], [handle], 1),
    read: (context, handle) => context.read(handle),
    readInto: (context, handle) => context.readInto(handle, new Float32Array(2)),
    resolve: (context, handle) => context.resolve(handle),
    typeOf: (context, handle) => context.typeOf(handle),
    shapeOf: (context, handle) => context.shapeOf(handle),
  };

  for (const [name, use] of Object.entries(uses)) {
    it(`cannot be used: ${name}`, () => {
      const context = new Context();
      const handle = context.tensor(float32, [2], Float32Array.of(1, 2));
      context.free(handle);
      context.free(handle); // a second time does nothing
      // the next tensors get the memory of the first
      const others = [3, 4, 5].map((value) => context.tensor(float32, [2], Float32Array.of(value, value)));
      assert.throws(() => use(context, handle), {
        code: 'E_DISPOSED',
        message: 'this tensor was disposed',
      });
      context.free(handle);
      assert.equal(context.liveTensors, others.length);
      assert.deepEqual(context.read(others[0]!), Float32Array.of(3, 3));
      context.dispose();
    });
  }

  it('cannot be read later, either', async () => {
    const { context } = tensorflow();
    const handle = context.tensor(float32, [1], Float32Array.of(1));
    context.free(handle);
    await assert.rejects(context.readLater(handle), { code: 'E_DISPOSED' });
  });

  it('of another context cannot be used, and not be freed', () => {
    const [here, there] = [new Context(), new Context()];
    const handle = there.tensor(float32, [2], Float32Array.of(1, 2));
    const foreign = { code: 'E_DISPOSED', message: 'this tensor belongs to another TensorFlow context' };
    for (const use of Object.values(uses)) assert.throws(() => use(here, handle), foreign);
    assert.throws(() => here.free(handle), foreign);
    assert.deepEqual(there.read(handle), Float32Array.of(1, 2));
    [here, there].forEach((context) => context.dispose());
  });

  it('are counted', () => {
    const { context } = tensorflow();
    const before = context.liveTensors;
    const x = context.tensor(float32, [2], Float32Array.of(1, 2));
    const [y] = context.execute('Neg', [float], [x], 1) as [Handle];
    assert.equal(context.liveTensors, before + 2);
    assert.throws(() => context.execute('MatMul', [float], [x, y], 1));
    assert.equal(context.liveTensors, before + 2);
    assert.deepEqual(context.read(context.strings([0], [])), []);
    [x, y, x].forEach((each) => context.free(each));
    assert.equal(context.liveTensors, before + 1); // the empty text
  });
});
