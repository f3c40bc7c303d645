import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { jit } from '../../../lib/engine/compile/jit';
import { repeat } from '../../../lib/engine/compile/repeat';
import { tensorflow } from '../../../lib/engine/tfjs/tensorflow';
import { trace, type TensorFunction } from '../../../lib/engine/compile/trace';
import { assertClose } from '../../golden';

const vector = (...values: number[]): tf.Tensor1D => tf.tensor1d(values);
const read = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());

describe('engine: repeat', () => {
  before(() => {
    tensorflow();
  });

  /** Ways to run a function: as it is, and compiled. */
  const ways: [name: string, compile: (fn: TensorFunction) => TensorFunction][] = [
    ['eagerly', (fn) => fn],
    ['in a compiled function', (fn) => jit(fn)],
    ['in one compiled with XLA', (fn) => jit(fn, { xla: true })],
    ["in one compiled with xla: 'never'", (fn) => jit(fn, { xla: 'never' })],
    ['in a function inside a function', (fn) => jit((...xs: tf.Tensor[]) => jit(fn)(...xs))],
  ];
  for (const [name, compile] of ways) {
    describe(name, () => {
      it('hands the state from round to round', () => {
        // Fibonacci numbers, and the sum of the rounds
        const fn = compile((a, b, sum) =>
          repeat(10, (round, a, b, sum) => [b, tf.add(a, b), tf.add(sum, round)], [a, b, sum]),
        );
        const results = fn(vector(0), vector(1), tf.scalar(0, 'int32'));
        assert.deepEqual((results as tf.Tensor[]).map(read), [[55], [89], [45]]);
      });

      it('reads tensors and variables from outside, and calls compiled functions', () => {
        const [offset, factor] = [vector(1, 2), tf.variable<tf.Rank>(vector(2, 3))];
        const affine = jit((x: tf.Tensor, shift: tf.Tensor) => tf.add(tf.mul(factor, x), shift), {
          xla: true,
        });
        const fn = compile((x, y) => {
          const shift = tf.add(y, offset);
          return repeat(3, (_, x) => affine(x, shift), [x])[0]!;
        });
        const expected = [0, 1].map((i) => {
          const [f, s] = [[2, 3][i]!, [11, 22][i]!];
          return f ** 3 * 5 + s * (f * f + f + 1);
        });
        assert.deepEqual(read(fn(vector(5, 5), vector(10, 20)) as tf.Tensor), expected);
        factor.dispose();
      });

      it('returns what it is given, or what it reads, as state', () => {
        const fn = compile((x, y) => {
          const z = tf.neg(y);
          return repeat(4, (_, x, w) => [x, tf.add(z, tf.mul(w, 0))], [x, y]);
        });
        assert.deepEqual((fn(vector(1), vector(2)) as tf.Tensor[]).map(read), [[1], [-2]]);
      });

      it('leaves the state as it is for no rounds, and runs once for one', () => {
        for (const count of [0, 1]) {
          const fn = compile(
            (x) => repeat(count, (round, x) => tf.add(x, tf.cast(tf.add(round, 1), 'float32')), [x])[0]!,
          );
          const x = vector(7);
          assert.deepEqual(read(fn(x) as tf.Tensor), [7 + count]);
          assert.deepEqual(read(x), [7]);
        }
      });

      it('trains with an optimiser of tfjs', () => {
        const [xs, ys] = [vector(0, 1, 2), vector(1, 3, 5)];
        const weights = tf.variable(vector(0, 0));
        const optimizer = tf.train.adam(0.1);
        const lossOf = (weights: tf.Tensor) => (): tf.Scalar => {
          const [slope, bias] = tf.split(weights, 2) as [tf.Tensor, tf.Tensor];
          return tf.losses.meanSquaredError<tf.Tensor, tf.Scalar>(ys, tf.add(tf.mul(xs, slope), bias));
        };
        const fn = compile(
          (last) => repeat(10, () => optimizer.minimize(lossOf(weights), true, [weights])!, [last])[0]!,
        );
        const losses = [1, 2, 3].map(() => read(fn(tf.scalar(0)) as tf.Tensor)[0]!);
        // the same thirty steps of an eager loop
        const reference = tf.variable(vector(0, 0));
        const other = tf.train.adam(0.1);
        const eager = Array.from(
          { length: 30 },
          () => read(other.minimize(lossOf(reference), true, [reference])!)[0]!,
        );
        assertClose(losses, [eager[9]!, eager[19]!, eager[29]!], 1e-4);
        assertClose(read(weights), read(reference), 1e-4);
        [weights, reference].forEach((variable) => variable.dispose());
        [optimizer, other].forEach((each) => each.dispose());
      });

      it('has gradients', () => {
        const power = compile((x) =>
          tf.grad((x: tf.Tensor) => repeat(3, (_, y) => tf.mul(y, x), [x])[0]!)(x),
        );
        assertClose(read(power(vector(2, -1)) as tf.Tensor), [32, -4], 1e-5); // x^4
      });

      it('refuses a state of other shapes or types', () => {
        const message =
          /must return a state like the one it gets, \(float32\[1\]\), and returned \((float32\[2\]|int32\[1\]|)\)/;
        for (const body of [
          (x: tf.Tensor) => tf.concat([x, x]),
          (x: tf.Tensor) => tf.cast(x, 'int32'),
          () => [] as tf.Tensor[],
        ]) {
          const fn = compile((x) => repeat(3, (_, x) => body(x), [x])[0]!);
          assert.throws(() => fn(vector(1)), { code: 'E_TRACE', message });
        }
      });
    });
  }

  it('is one loop, however many rounds', () => {
    const size = (count: number): number =>
      trace(
        (x) => repeat(count, (_, x) => tf.sin(x), [x])[0]!,
        [{ shape: [2], dtype: 'float32' }],
      ).definitions.reduce((sum, { bytes }) => sum + bytes.length, 0);
    assert.ok(Math.abs(size(1000) - size(2)) < 10);
  });

  it('leaves no tensor behind', () => {
    const x = tf.neg(vector(1, 2));
    const fn = jit((x: tf.Tensor) => repeat(5, (round, x) => tf.add(x, tf.cast(round, 'float32')), [x])[0]!);
    const eager = (): tf.Tensor => repeat(5, (round, x) => tf.add(x, tf.cast(round, 'float32')), [x])[0]!;
    const held = (): number[] => [tensorflow().binding.getNumOfTensors(), tf.memory().numTensors];
    [fn(x), eager()].forEach((tensor) => tensor.dispose());
    const before = held();
    for (let i = 0; i < 3; i++) [fn(x), eager()].forEach((tensor) => tensor.dispose());
    assert.deepEqual(held(), before);
  });

  it('refuses a count that is none', () => {
    assert.throws(() => repeat(-1, (_, x) => x, [vector(1)]), {
      code: 'E_OPTION',
      message: /repeat: count/,
    });
  });
});
