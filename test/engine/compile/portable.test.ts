import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { jit } from '../../../lib/engine/compile/jit';
import { tensorflow } from '../../../lib/engine/tfjs/tensorflow';
import type { TensorFunction } from '../../../lib/engine/compile/trace';

const vector = (...values: number[]): tf.Tensor1D => tf.tensor1d(values);
const read = (results: tf.Tensor | tf.Tensor[]): number[][] =>
  [results].flat().map((tensor) => Array.from(tensor.dataSync()));

describe('engine: compiled functions as bytes', () => {
  before(() => {
    tensorflow();
  });

  const inner = jit((x: tf.Tensor) => tf.tanh(tf.mul(x, 3)), { xla: true });
  const slope: TensorFunction = (x, n) => [
    tf.grad((x: tf.Tensor) => tf.sum(inner(tf.square(x))))(x),
    tf.add(n, 1),
  ];

  /** A counter and its step: reads one variable, assigns two. */
  function counter(): { step: ReturnType<typeof jit>; variables: tf.Variable[] } {
    const count = tf.variable<tf.Rank>(tf.scalar(10, 'int32'), false);
    const last = tf.variable<tf.Rank>(vector(0, 0));
    const weights = tf.variable<tf.Rank>(vector(1, 2));
    const step = jit<TensorFunction>((x) => {
      count.assign(tf.add(count, tf.scalar(1, 'int32')));
      last.assign(x);
      return tf.add(tf.mul(x, weights), tf.cast(count, 'float32'));
    });
    return { step, variables: [count, last, weights] };
  }

  it('give the same results in another process', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'credence-portable-'));
    try {
      const run = (bytes: Uint8Array, calls: number): unknown => {
        const file = path.join(folder, 'function');
        writeFileSync(file, bytes);
        const output = execFileSync(process.execPath, [
          path.join(__dirname, 'portableProcess.js'),
          file,
          String(calls),
        ]);
        return JSON.parse(output.toString());
      };
      for (const xla of [false, true]) {
        const fn = jit(slope, { xla });
        const args = [vector(2, 2), tf.scalar(2, 'int32')];
        assert.deepEqual(run(fn.serialize(...args), 1), [read(fn(...args))]);
      }
      const { step, variables } = counter();
      const bytes = step.serialize({ shape: [2], dtype: 'float32' });
      assert.deepEqual(run(bytes, 3), [[[13, 15]], [[14, 16]], [[15, 17]]]);
      assert.deepEqual(
        variables.map((variable) => Array.from(variable.dataSync())),
        [[10], [0, 0], [1, 2]],
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('give functions that say what they take, and keep variables of their own', () => {
    const { step, variables } = counter();
    variables[2]!.assign(vector(100, 200)); // present values go along
    const loaded = jit.load(structuredClone(step.serialize(vector(1, 1))));
    assert.deepEqual(loaded.inputs, [{ shape: [2], dtype: 'float32' }]);
    assert.deepEqual(read(loaded(vector(1, 1))), [[111, 211]]);
    assert.deepEqual(read(loaded(vector(2, 2))), [[212, 412]]);
    assert.deepEqual(
      new Set(
        loaded.variables.map(({ shape, dtype, trainable }) => `${dtype}[${shape.join()}] ${trainable}`),
      ),
      new Set(['int32[] false', 'float32[2] true']),
    );
    assert.deepEqual(read(variables), [[10], [0, 0], [100, 200]]);
    assert.throws(() => loaded(vector(1)), {
      code: 'E_SHAPE',
      message: 'this loaded function takes (float32[2]), and was given (float32[1])',
    });
    assert.throws(() => tf.grad((x: tf.Tensor) => loaded(x) as tf.Tensor)(vector(1, 1)), {
      code: 'E_TRACE',
      message: /has no gradient/,
    });
  });

  it('give functions that may be called in compiled functions, and serialised with them', () => {
    const loaded = jit.load(jit((x: tf.Tensor) => inner(tf.neg(x))).serialize(vector(1, 2)));
    const outer = jit((x: tf.Tensor) => tf.mul(loaded(x) as tf.Tensor, 2));
    const expected = read(tf.mul(inner(tf.neg(vector(1, 2))), 2));
    assert.deepEqual(read(outer(vector(1, 2))), expected);
    assert.deepEqual(read(jit.load(outer.serialize(vector(1, 2)))(vector(1, 2))), expected);
  });

  it('are refused if they are something else, cut off or changed', () => {
    const bytes = counter().step.serialize(vector(1, 1));
    const refused = (bytes: Uint8Array, message: RegExp): void => {
      assert.throws(() => jit.load(bytes), { code: 'E_FILE', message });
    };
    refused('text' as unknown as Uint8Array, /must be a Uint8Array/);
    refused(new Uint8Array(0), /begin otherwise/);
    refused(
      Uint8Array.from(bytes, (byte, i) => (i === 6 ? byte + 1 : byte)),
      /another version/,
    );
    for (let length = 7; length < bytes.length; length += 97) refused(bytes.subarray(0, length), /checksum/);
    for (let at = 7; at < bytes.length; at += 97)
      refused(
        Uint8Array.from(bytes, (byte, i) => (i === at ? byte ^ 4 : byte)),
        /checksum/,
      );
  });

  it('are refused if they lie, though their checksum is right', () => {
    const bytes = Buffer.from(jit(slope).serialize(vector(1, 1), tf.scalar(1, 'int32')));
    const length = bytes.readUInt32LE(7);
    const header = JSON.parse(bytes.subarray(11, 11 + length).toString()) as Record<string, unknown>;
    const rest = bytes.subarray(11 + length, -32);
    const forge = (changes: Record<string, unknown>, content: Uint8Array = rest): Uint8Array => {
      const json = Buffer.from(
        typeof changes['text'] === 'string' ? changes['text'] : JSON.stringify({ ...header, ...changes }),
      );
      const size = Buffer.alloc(4);
      size.writeUInt32LE(json.length);
      const whole = Buffer.concat([bytes.subarray(0, 7), size, json, content]);
      return Buffer.concat([whole, createHash('sha256').update(whole).digest()]);
    };
    assert.deepEqual(read(jit.load(forge({}))(vector(0, 0), tf.scalar(1, 'int32'))), [[0, 0], [2]]);
    const [first, ...others] = header['definitions'] as { name: string; length: number }[];
    const outputs = header['outputs'] as unknown[];
    const renamed = {
      definitions: [first, ...others].map((each) => ({ ...each!, name: `${each!.name}x` })),
      name: `${String(header['name'])}x`,
    };
    const forged: [changes: Record<string, unknown>, content?: Uint8Array][] = [
      [{ text: '{' }],
      [{ name: 3 }],
      [{ unknown: 1 }],
      [{ name: 'other' }],
      [{ reads: 7 }],
      [{ writes: [9] }],
      [{ outputs: outputs.slice(1) }],
      [{ outputs: [...outputs, ...outputs, ...outputs] }],
      [{ inputs: [] }],
      [{ variables: [{ shape: [2 ** 40, 2 ** 40], dtype: 'float32', trainable: true }], reads: 1 }],
      [{ outputs: outputs.map(() => ({ shape: [2], dtype: 9999 })) }],
      [{ definitions: [{ ...first, length: 2 ** 40 }, ...others] }],
      [{}, rest.subarray(0, -1)],
      [{}, Buffer.concat([rest, rest])],
    ];
    for (const [changes, content] of forged) {
      assert.throws(
        () => jit.load(forge(changes, content)),
        { name: 'CredenceError', code: 'E_FILE' },
        JSON.stringify(changes),
      );
    }
    // definitions that are none: TensorFlow looks at them, and must not be asked to believe them
    assert.throws(() => jit.load(forge(renamed, Buffer.alloc(rest.length, 0xff))), { name: 'CredenceError' });
  });
});
