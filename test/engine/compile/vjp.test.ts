import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { jit } from '../../../lib/engine/compile/jit';
import { tensorflow } from '../../../lib/engine/tfjs/tensorflow';
import type { TensorFunction } from '../../../lib/engine/compile/trace';
import { vjp, withGradient } from '../../../lib/engine/compile/vjp';
import { assertClose } from '../../golden';

const vector = (...values: number[]): tf.Tensor1D => tf.tensor1d(values);
const read = (tensors: readonly (tf.Tensor | null)[]): (number[] | null)[] =>
  tensors.map((tensor) => tensor && Array.from(tensor.dataSync()));

/** [x y, x + 2 y] */
const both = (x: tf.Tensor, y: tf.Tensor): tf.Tensor[] => [tf.mul(x, y), tf.add(x, tf.mul(y, 2))];

describe('engine: vector-Jacobian products', () => {
  before(() => {
    tensorflow();
  });

  const [x, y] = [() => vector(2, 3), () => vector(5, -1)];
  const dys = (): tf.Tensor[] => [vector(1, 10), vector(100, 1000)];

  it('are those of all results together', () => {
    assert.deepEqual(read(vjp(both, [x(), y()], dys(), [true, true])), [
      [5 + 100, -10 + 1000],
      [2 + 200, 30 + 2000],
    ]);
  });

  it('are null where they are not needed, or the function does not depend on x', () => {
    const first = (x: tf.Tensor): tf.Tensor => tf.square(x);
    assert.deepEqual(read(vjp(both, [x(), y()], dys(), [false, true])), [null, [202, 2030]]);
    assert.deepEqual(read(vjp(first, [x(), y()], [vector(1, 1)], [true, true])), [[4, 6], null]);
    assert.deepEqual(read(vjp(first, [x()], [vector(1, 1)], [false])), [null]);
  });

  it('are partial where one x is made of another', () => {
    const outer = tf.grad((x: tf.Tensor) => {
      const [dx, dy] = vjp((x, y) => tf.mul(x, y), [x, tf.square(x)], [tf.onesLike(x)], [true, true]);
      assert.deepEqual(read([dx!, dy!]), [
        [4, 9],
        [2, 3],
      ]);
      return tf.add(dx!, dy!); // x^2 + x
    });
    assert.deepEqual(read([outer(x())]), [[5, 7]]);
  });

  it('know results without gradients, results given twice, and arguments given back', () => {
    const odd = (x: tf.Tensor): tf.Tensor[] => {
      const y = tf.square(x);
      return [tf.argMax(x), y, y, x];
    };
    const dys = [tf.scalar(0, 'int32'), vector(1, 1), vector(10, 10), vector(100, 100)];
    assert.deepEqual(read(vjp(odd, [x()], dys, [true])), [[11 * 4 + 100, 11 * 6 + 100]]);
    assert.deepEqual(read(dys.slice(1)), [
      [1, 1],
      [10, 10],
      [100, 100],
    ]);
  });

  it('leave no tensor behind', () => {
    const [a, b, d] = [x(), y(), dys()];
    const before = tf.memory().numTensors;
    vjp(both, [a, b], d, [true, true]).forEach((gradient) => gradient!.dispose());
    assert.equal(tf.memory().numTensors, before);
  });
});

describe('engine: operations with gradients of their own', () => {
  before(() => {
    tensorflow();
  });

  /** `both` with its gradient from autodiff, and what it was asked for. */
  function observed(): { operation: (...args: tf.Tensor[]) => tf.Tensor[]; asked: (readonly boolean[])[] } {
    const asked: (readonly boolean[])[] = [];
    const operation = withGradient(
      ([x, y]) => both(x!, y!),
      (args, results, dys, needed) => {
        asked.push(needed);
        assert.deepEqual(read(results), read(both(args[0]!, args[1]!)));
        return vjp(both, args, dys, needed);
      },
    );
    return { operation, asked };
  }

  it('give the gradients of several results', () => {
    const { operation, asked } = observed();
    const f = (x: tf.Tensor, y: tf.Tensor): tf.Tensor => {
      const [product, sum] = operation(tf.square(x), y) as [tf.Tensor, tf.Tensor];
      return tf.mul(product, sum);
    };
    const [x, y] = [vector(2), vector(3)]; // x^2 y (x^2 + 2 y) = x^4 y + 2 x^2 y^2
    const [dx, dy] = tf.grads(f)([x, y]);
    assert.deepEqual(read([dx!, dy!]), [[4 * 8 * 3 + 4 * 2 * 9], [16 + 4 * 4 * 3]]);
    assert.deepEqual(asked, [[true, true]]);
  });

  it('are asked for what is needed only', () => {
    const { operation, asked } = observed();
    const constant = vector(7);
    tf.grad((x: tf.Tensor) => operation(tf.neg(x), constant)[0]!)(vector(2));
    tf.grad((x: tf.Tensor) => operation(constant, tf.neg(x))[1]!)(vector(2));
    tf.grad((x: tf.Tensor) => tf.mul(x, operation(constant, constant)[1]!))(vector(2));
    assert.deepEqual(asked, [
      [true, false],
      [false, true],
    ]);
  });

  it('are the operation alone where no gradient is taken', () => {
    const { operation, asked } = observed();
    const [a, b] = [vector(2), vector(7)];
    const before = tf.memory().numTensors;
    const results = operation(a, b);
    assert.deepEqual(read(results), [[14], [16]]);
    assert.equal(tf.memory().numTensors, before + 2);
    assert.deepEqual(asked, []);
  });

  it('have gradients of gradients, through arguments and results', () => {
    const exponential = withGradient(
      ([x]) => [tf.exp(x!)],
      (_args, [y], [dy]) => [tf.mul(dy!, y!)],
    );
    const third = tf.grad(tf.grad(tf.grad((x: tf.Tensor) => exponential(tf.mul(x, 2))[0]!)));
    assertClose(third(vector(0.5)).dataSync(), [8 * Math.E], 1e-5);
  });

  for (const xla of [false, true]) {
    it(`work in a compiled function, xla: ${xla}`, () => {
      const operation = withGradient(
        ([x, y]) => both(x!, y!),
        (args, _results, dys, needed) => vjp(both, args, dys, needed),
      );
      const loss = (operation: TensorFunction) => (x: tf.Tensor, y: tf.Tensor) => {
        const [product, sum] = operation(tf.sin(x), y) as [tf.Tensor, tf.Tensor];
        return tf.sum(tf.mul(product, sum));
      };
      const args = [vector(0.5, -1), vector(2, 0.1)];
      const compiled = jit<TensorFunction>((...xs) => tf.grads(loss(operation))(xs), { xla });
      const expected = tf.grads(loss(both))(args);
      (compiled(...args) as tf.Tensor[]).forEach((gradient, i) =>
        assertClose(gradient.dataSync(), Array.from(expected[i]!.dataSync()), 1e-5),
      );
    });
  }
});
