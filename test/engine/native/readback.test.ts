import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MessageChannel } from 'node:worker_threads';
import { typeAttribute } from '../../../lib/engine/native/attributes';
import { Context, type Handle } from '../../../lib/engine/native/context';
import { DataType } from '../../../lib/engine/native/dtype';
import { viewedBytes } from '../../../lib/engine/native/readback';
import { allocateShared } from '../../../lib/engine/native/memory';

const { float32 } = DataType;
const float = typeAttribute('T', float32);
const LARGE = 1 << 19; // 2 MB
const SMALL = 1000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Lets JavaScript give back what nobody refers to. */
async function collected(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise(setImmediate);
  }
}

describe('engine: values that are read', () => {
  let context: Context;
  beforeEach(async () => {
    await collected();
    context = new Context();
  });
  afterEach(() => context.dispose());

  /** 0, 1, 2, ... on the device. */
  const count = (length: number): Handle =>
    context.tensor(
      float32,
      [length],
      Float32Array.from({ length }, (_, i) => i),
    );

  it('are shown where they are if they are many, copied if they are few', () => {
    const before = viewedBytes();
    const few = context.read(count(SMALL)) as Float32Array;
    assert.equal(viewedBytes(), before);
    const many = context.read(count(LARGE)) as Float32Array;
    assert.equal(viewedBytes() - before, 4 * LARGE);
    for (const values of [few, many]) assert.ok(values.every((value, i) => value === i));
  });

  it('outlive their tensor, and the context', async () => {
    const handle = count(LARGE);
    const values = context.read(handle) as Float32Array;
    context.free(handle);
    for (let i = 0; i < 10; i++) context.free(count(LARGE)); // whose memory would be that of the one that was freed
    context.dispose();
    await collected();
    assert.ok(values.every((value, i) => value === i));
  });

  it('are given back when nobody has them any more', async () => {
    const before = viewedBytes();
    (() => assert.equal((context.read(count(LARGE)) as Float32Array)[7], 7))();
    assert.equal(viewedBytes() - before, 4 * LARGE);
    await collected();
    assert.ok(viewedBytes() <= before);
  });

  it('are copied once very many are shown', () => {
    const handle = count(LARGE);
    const kept: unknown[] = [];
    for (let i = 0; i < 200; i++) kept.push(context.read(handle)); // 400 MB, if all were shown
    assert.ok(viewedBytes() <= 256 << 20);
    assert.deepEqual(kept.at(-1), kept[0]);
  });

  it('are not moved to another thread, which would not keep the tensor', () => {
    const values = context.read(count(LARGE)) as Float32Array;
    const { port1, port2 } = new MessageChannel();
    try {
      port1.postMessage(values, [values.buffer as ArrayBuffer]); // older Nodes copy
    } catch (error) {
      assert.match(String(error), /DataCloneError/); // newer ones refuse
    }
    port1.close();
    port2.close();
    assert.equal(values[LARGE - 1], LARGE - 1);
    const { buffer } = values as unknown as { buffer: { transfer(): void } };
    assert.throws(() => buffer.transfer(), { code: 'E_ENGINE', message: /copy the array first/ });
  });

  it('are copied if their memory is only lent to TensorFlow', () => {
    const { buffer, offset } = allocateShared(4 * LARGE);
    const lent = new Float32Array(buffer, offset, LARGE).fill(1);
    const handle = context.share(float32, [LARGE], lent);
    const before = viewedBytes();
    const values = context.read(handle) as Float32Array;
    const [same] = context.execute('Identity', [float], [handle], 1) as [Handle];
    const again = context.read(same) as Float32Array;
    assert.equal(viewedBytes(), before);
    lent.fill(2);
    assert.deepEqual([values[0], again[0]], [1, 1]);
  });
});

describe('engine: values that are read later', () => {
  const N = 800;

  /** The N-th part of a matrix of ones, multiplied with itself many times, which takes a while. */
  function slow(context: Context): Handle {
    const x = context.tensor(float32, [N, N], new Float32Array(N * N).fill(1 / N));
    let y = x;
    for (let i = 0; i < 40; i++) [y] = context.execute('MatMul', [float], [y, x], 1) as [Handle];
    return y;
  }

  it('do not block JavaScript while the device computes', async () => {
    const context = new Context({ asynchronous: true });
    const handle = slow(context);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 2);
    const values = (await context.readLater(handle)) as Float32Array;
    clearInterval(timer);
    assert.ok(ticks >= 3, `timers fired ${ticks} times`);
    assert.ok(Math.abs(values[0]! - 1 / N) < 1e-6);
    context.dispose();
  });

  it('come although their tensor is freed and the context disposed in the meantime', async () => {
    const context = new Context({ asynchronous: true });
    const handle = slow(context);
    const read = context.readLater(handle);
    context.free(handle);
    context.dispose();
    const values = (await read) as Float32Array;
    assert.ok(Math.abs(values[0]! - 1 / N) < 1e-6);
    await assert.rejects(context.readLater(handle), { code: 'E_DISPOSED' });
  });

  it('bring the errors that come late, once', async () => {
    const context = new Context({ asynchronous: true });
    const rows = context.tensor(float32, [2], Float32Array.of(1, 2));
    const index = context.tensor(DataType.int32, [1], Int32Array.of(99));
    const axis = context.tensor(DataType.int32, [], Int32Array.of(0));
    const types = ['Tindices', 'Taxis'].map((name) => typeAttribute(name, DataType.int32));
    const attributes = [typeAttribute('Tparams', float32), ...types];
    const [row] = context.execute('GatherV2', attributes, [rows, index, axis], 1) as [Handle];
    await assert.rejects(context.readLater(row), { code: 'E_ENGINE', message: /99 is not in \[0, 2\)/ });
    const [sum] = context.execute('AddV2', [float], [rows, rows], 1) as [Handle];
    assert.deepEqual(await context.readLater(sum), Float32Array.of(2, 4));
    context.dispose();
  });

  it('of two-byte types and of text come as from `read`', async () => {
    for (const asynchronous of [false, true]) {
      const context = new Context({ asynchronous });
      const half = context.tensor(DataType.bfloat16, [2], Float32Array.of(1, 1.5));
      assert.deepEqual(await context.readLater(half), Float32Array.of(1, 1.5));
      const [text] = (await context.readLater(context.strings([1], ['β'.repeat(50)]))) as Uint8Array[];
      assert.equal(Buffer.from(text!).toString(), 'β'.repeat(50));
      context.dispose();
    }
  });
});
