import assert from 'node:assert/strict';
import { once } from 'node:events';
import * as tf from '@tensorflow/tfjs';
import koffi from 'koffi';
import { jit } from '../../../lib/engine/compile/jit';
import { trace } from '../../../lib/engine/compile/trace';
import { typeAttribute } from '../../../lib/engine/native/attributes';
import { capi, cString } from '../../../lib/engine/native/capi';
import { Context, type Handle } from '../../../lib/engine/native/context';
import { DataType } from '../../../lib/engine/native/dtype';
import { Loan } from '../../../lib/engine/native/loan';
import { allocateShared } from '../../../lib/engine/native/memory';
import { Status } from '../../../lib/engine/native/status';
import { tensorflow } from '../../../lib/engine/tfjs/tensorflow';
import { runScript } from '../../child';
import { borrower, busy, told } from './borrowers';
import type { Called, Role } from './borrowWorker';
import type { Left } from './killProgram';

const { float32 } = DataType;
const float = typeAttribute('T', float32);
const lentOut = { code: 'E_ENGINE', message: /^this context is lent to a thread that still runs: dispose/ };

/** That a context computes. */
function assertComputes(context: Context): void {
  const x = context.tensor(float32, [2], Float32Array.of(1, -2));
  const [y] = context.execute('Neg', [float], [x], 1) as [Handle];
  assert.deepEqual(context.read(y), Float32Array.of(-1, 2));
  [x, y].forEach((each) => context.free(each));
}

describe('engine: contexts that are lent', () => {
  let context: Context;
  beforeEach(() => (context = new Context()));
  afterEach(() => context.dispose());

  it('compute in another thread, come back, and can be lent again', async () => {
    const lent = context.lend();
    for (let i = 0; i < 2; i++) {
      assert.deepEqual(await told({ lent, role: 'returning' }), Float32Array.of(6));
      assert.equal(context.liveTensors, 0);
      assertComputes(context);
    }
  });

  it('can be borrowed in the same thread', () => {
    const mine = context.tensor(float32, [1], Float32Array.of(7));
    const borrowed = Context.borrow(context.lend());
    assertComputes(borrowed);
    const theirs = borrowed.tensor(float32, [2], Float32Array.of(1, 2));
    assert.deepEqual([borrowed.liveTensors, context.liveTensors], [1, 2]);
    assert.throws(() => borrowed.read(mine), { code: 'E_DISPOSED' });
    borrowed.dispose();
    borrowed.dispose();
    assert.throws(() => borrowed.read(theirs), { code: 'E_DISPOSED' });
    assert.doesNotThrow(() => borrowed.free(theirs));
    assert.deepEqual(context.read(mine), Float32Array.of(7));
    assert.equal(context.liveTensors, 1);
  });

  it('may be given back with tensors in them, which the owner frees', () => {
    const borrowed = Context.borrow(context.lend());
    borrowed.tensor(float32, [1], Float32Array.of(7));
    assert.throws(() => context.reclaim(), { code: 'E_ENGINE', message: /lent to a thread that still runs/ });
    borrowed.leave();
    assert.throws(() => borrowed.tensor(float32, [0], new Float32Array(0)), { code: 'E_DISPOSED' });
    const before = context.liveTensors;
    context.reclaim();
    assert.equal(context.liveTensors, before - 1);
    context.reclaim();
    assert.equal(context.liveTensors, before - 1);
  });

  it('have one user at a time: the owner and other borrowers are refused, and nothing happens to the tensors', async () => {
    const mine = context.tensor(float32, [1], Float32Array.of(7));
    const lent = context.lend();
    const worker = await busy({ lent, role: 'waiting' });
    assert.throws(() => context.read(mine), lentOut);
    assert.throws(() => context.execute('Neg', [float], [mine], 1), lentOut);
    assert.throws(() => context.dispose(), lentOut);
    assert.throws(() => Context.borrow(lent), lentOut);
    assert.equal(context.liveTensors, 2);
    const ended = once(worker, 'exit');
    worker.postMessage('give it back');
    await ended;
    assert.equal(context.liveTensors, 1);
    assert.deepEqual(context.read(mine), Float32Array.of(7));
  });

  it('may be used by the owner when the borrower has ended', async () => {
    const worker = await busy({ lent: context.lend(), role: 'looping' });
    await worker.terminate();
    assert.ok(context.liveTensors >= 8);
    assertComputes(context);
  });

  it('are disposed of by the owner when the borrower has ended', async () => {
    const worker = await busy({ lent: context.lend(), role: 'looping' });
    await worker.terminate();
    context.dispose();
    assert.throws(() => context.lend(), { code: 'E_DISPOSED' });
  });

  for (const role of ['exiting', 'growing'] as const) {
    it(`are freed of what a borrower leaves that ends by itself: ${role}`, async () => {
      const lent = context.lend();
      const worker = borrower({ lent, role });
      let failure: NodeJS.ErrnoException | undefined;
      worker.once('error', (error) => (failure = error));
      await new Promise((resolve) => worker.once('exit', resolve));
      assert.equal(failure?.code, role === 'growing' ? 'ERR_WORKER_OUT_OF_MEMORY' : undefined);
      assert.equal(context.liveTensors, 3);
      const next = Context.borrow(lent);
      assert.deepEqual([next.liveTensors, context.liveTensors], [0, 0]);
      assertComputes(next);
      next.dispose();
    });
  }

  it('give copies of values, never views, which nobody would give back', () => {
    const borrowed = Context.borrow(context.lend());
    const large = borrowed.tensor(float32, [1 << 19], new Float32Array(1 << 19).fill(3));
    const values = borrowed.read(large) as Float32Array;
    assert.doesNotThrow(() => structuredClone(values, { transfer: [values.buffer as ArrayBuffer] }));
    borrowed.dispose();
  });

  it('hold as many outputs as there is room for, and say so', () => {
    const borrowed = Context.borrow(context.lend());
    const x = borrowed.tensor(float32, [2], Float32Array.of(1, 2));
    const attributes = [typeAttribute('T', float32), { name: 'num', type: 1, value: 5000 }];
    assert.throws(() => borrowed.execute('Unpack', attributes, [x], 5000), {
      code: 'E_MEMORY',
      message: /^one call gives at most 4096 tensors in a borrowed context, and 5000 were asked for/,
    });
    assertComputes(borrowed);
    borrowed.dispose();
  });

  it('are not asynchronous, and not borrowed themselves', () => {
    const asynchronous = new Context({ asynchronous: true });
    assert.throws(() => asynchronous.lend(), {
      code: 'E_ENGINE',
      message: /^an asynchronous context cannot/,
    });
    asynchronous.dispose();
    const borrowed = Context.borrow(context.lend());
    assert.throws(() => borrowed.lend(), { code: 'E_ENGINE', message: /^a borrowed context cannot be lent/ });
    borrowed.dispose();
  });
});

describe('engine: functions of a context that is lent', () => {
  it('stay loaded and compiled when the borrower has ended', async function () {
    tensorflow();
    const deep = jit(
      (x: tf.Tensor) => {
        let y = x;
        for (let i = 0; i < 60; i++) y = tf.tanh(tf.add(tf.mul(y, 1 + i), tf.sum(y)));
        return y;
      },
      { xla: true },
    );
    const fn = trace((x) => [deep(x)], [{ shape: [4], dtype: 'float32' }]);
    const context = new Context();
    const lent = context.lend();
    const first = await told<Called>({ lent, role: 'calling', fn });
    const second = await told<Called>({ lent, role: 'calling', fn });
    assert.deepEqual(second.values, first.values);
    const [compiling, taking] = [first, second].map(({ times }) => times[0].toFixed(2));
    this.test!.title += ` (first call ${compiling} ms, of the next borrower ${taking} ms)`;
    context.dispose();
  });

  it('are not loaded twice', () => {
    tensorflow();
    const { definitions, name } = trace((x) => [tf.neg(x)], [{ shape: [2], dtype: 'float32' }]);
    const context = new Context();
    const lent = context.lend();
    const first = Context.borrow(lent);
    first.load(definitions);
    first.dispose();
    // the same name with one attribute more (FunctionDef.attr = 5, an entry that says that 'x' is true): TensorFlow would refuse it
    const other = definitions.map((each) => ({
      ...each,
      bytes: Uint8Array.from([...each.bytes, 0x2a, 7, 0x0a, 1, 0x78, 0x12, 2, 0x28, 1]),
    }));
    const { bytes } = other.at(-1)!;
    const status = new Status();
    capi().TFE_ContextAddFunctionDef(lent.native.pointer, bytes, bytes.length, status.pointer);
    assert.throws(() => status.check('it'), /definitions differ/);
    status.dispose();
    const second = Context.borrow(lent);
    second.load(other);
    const x = second.tensor(float32, [2], Float32Array.of(1, 2));
    const [y] = second.execute(name, [], [x], 1) as [Handle];
    assert.deepEqual(second.read(y), Float32Array.of(-1, -2));
    second.dispose();
    context.dispose();
  });
});

describe('engine: the ledger of a context that is lent', () => {
  it('frees what a thread has not freed yet, and once what it wrote down twice', () => {
    const context = new Context();
    const { ledger } = new Loan(context.lend());
    const c = capi();
    const status = new Status();
    let freed = 0;
    const type = koffi.pointer(koffi.proto('void (void *data, size_t length, void *arg)'));
    const count = koffi.register(() => void freed++, type);
    const { buffer, offset } = allocateShared(4);
    const address = koffi.address(new Uint8Array(buffer, offset));
    const tensor = c.TF_NewTensor(float32, BigInt64Array.of(1n), 1, address, 4, count, null);
    const handle = c.TFE_NewTensorHandle(tensor, status.pointer);
    // somebody else has a reference, who would find out if there were two to give back
    const op = c.TFE_NewOp(context.lend().native.pointer, cString('Neg'), status.pointer);
    c.TFE_OpAddInput(op, handle, status.pointer);
    ledger.tensor[0] = tensor;
    ledger.room(1)[0] = handle;
    ledger.enter(handle); // the thread ends before it strikes it out among the new ones
    assert.equal(context.liveTensors, 1);
    ledger.clear();
    assert.equal(context.liveTensors, 0);
    assert.ok([ledger.tensor, ledger.room(1)].every((places) => places.every((at) => at === 0n)));
    assert.equal(freed, 0);
    c.TFE_DeleteOp(op);
    assert.equal(freed, 1);
    koffi.unregister(count);
    status.dispose();
    context.dispose();
  });

  it('uses places again', () => {
    const context = new Context();
    const { ledger } = new Loan(context.lend());
    const [a, b] = [ledger.enter(1n), ledger.enter(2n)];
    ledger.strike(a);
    assert.equal(ledger.enter(3n), a);
    [a, b].forEach((place) => ledger.strike(place));
    assert.equal(ledger.tensors, 0);
    context.dispose();
  });
});

/** The threads' own heaps come and go by some, and one large tensor's memory may stay with the allocator. */
const MOST_BYTES = 60e6;

/** How often, at what, and how many tensors are there to be freed for certain: together they have 240 MB, and 640 MB. */
const kills = [
  { times: 30, role: 'looping', held: 8 },
  { times: 20, role: 'moving', held: 0 },
] satisfies { times: number; role: Role; held: number }[];

describe('engine: borrowers that are killed while they compute', () => {
  for (const { times, role, held } of kills) {
    it(`${times} times leave no tensor, thread or memory behind: ${role}`, async function () {
      const program = `require('../test/engine/native/killProgram').kill(${times}, '${role}');`;
      const { code, signal, stdout, stderr } = await runScript(program);
      assert.deepEqual([code, signal], [0, null], stderr);
      const { tensors, threads, memory } = JSON.parse(stdout) as Left;
      assert.ok(tensors[0] >= held, 'there was nothing to free');
      assert.equal(tensors[1], 0);
      assert.ok(threads <= 0, `${threads} threads are left`);
      assert.ok(memory < MOST_BYTES, `memory grew by ${(memory / 1e6).toFixed(1)} MB`);
      this.test!.title += ` (${(memory / 1e6).toFixed(1)} MB)`;
    });
  }
});
