import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { jit } from '../../../lib/engine/compile/jit';
import { tensorflow } from '../../../lib/engine/tfjs/tensorflow';
import type { TensorFunction } from '../../../lib/engine/compile/trace';
import { assertClose } from '../../golden';

const vector = (...values: number[]): tf.Tensor1D => tf.tensor1d(values);

/** Asserts that two lists of tensors hold the same numbers. */
function assertSame(got: readonly tf.Tensor[], wanted: readonly tf.Tensor[], tolerance = 1e-5): void {
  assert.equal(got.length, wanted.length);
  got.forEach((tensor, i) => {
    assert.deepEqual(tensor.shape, wanted[i]!.shape);
    assertClose(tensor.dataSync(), Array.from(wanted[i]!.dataSync()), tolerance);
  });
}

describe('engine: gradients through jit', () => {
  before(() => {
    tensorflow();
  });

  for (const xla of [false, true] as const) {
    describe(`with xla: ${xla}`, () => {
      const layer: TensorFunction = (x, w, b) => tf.tanh(tf.add(tf.matMul(x, w), b));
      const args = (): tf.Tensor[] => [
        tf.tensor2d([[1, -2]]),
        tf.tensor2d([
          [0.5, 1, -1],
          [2, 0, 1],
        ]),
        vector(0.1, -3, 2),
      ];
      const loss = (fn: TensorFunction) => (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) =>
        tf.sum(tf.square(tf.sub(fn(tf.sin(x), w, b) as tf.Tensor, 0.3)));

      it('are those of the function', () => {
        const compiled = jit(layer, { xla });
        for (let i = 0; i < 2; i++)
          assertSame(
            tf.grads(loss(compiled) as TensorFunction as never)(args()),
            tf.grads(loss(layer) as TensorFunction as never)(args()),
          );
      });

      it('are those of the function inside another compiled function', () => {
        const compiled = jit(layer, { xla });
        const outer = jit<TensorFunction>((...xs) => tf.grads(loss(compiled) as TensorFunction as never)(xs));
        assertSame([outer(...args())].flat(), tf.grads(loss(layer) as TensorFunction as never)(args()));
      });

      it('add up over several results, and go only where they are needed', () => {
        let traces = 0;
        const parts: TensorFunction = (x, y) => {
          traces++;
          return [tf.mul(x, y), tf.argMax(y), tf.exp(tf.neg(x)), tf.sub(y, 1)];
        };
        const compiled = jit(parts, { xla });
        const y = vector(2, 5);
        const total = (fn: TensorFunction) => (x: tf.Tensor) => {
          const [product, place, exponential, unused] = fn(x, y) as tf.Tensor[];
          assert.ok(unused);
          return tf.sum(tf.mul(tf.add(product!, exponential!), tf.cast(place!, 'float32')));
        };
        const x = vector(0.5, -1);
        const gradients = [tf.grad(total(compiled))(x), tf.grad(total(compiled))(x)];
        assert.equal(traces, 2, 'once for the function, once for its gradient');
        gradients.forEach((gradient) => assertSame([gradient], [tf.grad(total(parts))(x)]));
      });

      it('have gradients of their own', () => {
        const cube = jit((x: tf.Tensor) => tf.mul(x, tf.mul(x, x)), { xla });
        const second = tf.grad(tf.grad((x: tf.Tensor) => cube(tf.mul(x, 2)))); // 8 x^3 -> 48 x
        assertClose(second(vector(1, -2)).dataSync(), [48, -96], 1e-5);
        const compiled = jit((x: tf.Tensor) => second(x), { xla });
        assertClose(compiled(vector(1, -2)).dataSync(), [48, -96], 1e-5);
      });

      it('go to variables that the function reads', () => {
        const w = tf.variable(vector(2, 3));
        const scaled = jit((x: tf.Tensor) => tf.mul(tf.square(w), x), { xla });
        const { value, grads } = tf.variableGrads(() => tf.sum<tf.Scalar>(scaled(vector(1, 10))), [w]);
        assert.equal(value.dataSync()[0], 94);
        assertSame([grads[w.name]!], [vector(4, 60)]);
        w.assign(vector(1, 1));
        assertSame(
          [tf.variableGrads(() => tf.sum<tf.Scalar>(scaled(vector(1, 10))), [w]).grads[w.name]!],
          [vector(2, 20)],
        );
        w.dispose();
      });

      it('are those at the values that variables had, and assign nothing', () => {
        const [w, count] = [tf.variable(vector(2, 3)), tf.variable(tf.scalar(0))];
        const step = jit((x: tf.Tensor) => {
          const y = tf.mul(tf.square(w), x);
          w.assign(tf.mul(w, 10));
          count.assign(tf.add(count, 1));
          return y;
        });
        const { grads } = tf.variableGrads(() => tf.sum<tf.Scalar>(step(vector(1, 10))), [w]);
        assertSame([grads[w.name]!, w, count], [vector(4, 60), vector(20, 30), tf.scalar(1)]);
        [w, count].forEach((variable) => variable.dispose());
      });
    });
  }

  it('are a constant where none is needed', () => {
    const square = jit((x: tf.Tensor) => tf.square(x));
    const other = vector(2);
    assertSame([tf.grad((x: tf.Tensor) => tf.mul(x, square(other)))(vector(3))], [vector(4)]);
  });

  it('leave no tensor behind', () => {
    const { binding } = tensorflow();
    const w = tf.variable(vector(2, 3));
    const step = jit((x: tf.Tensor) => tf.mul(tf.sin(w), x), { xla: true });
    const x = tf.neg(vector(1, 2));
    const run = (): void =>
      tf.tidy(() => {
        tf.variableGrads(() => tf.sum<tf.Scalar>(step(x)), [w]);
      });
    run();
    const before = [binding.getNumOfTensors(), tf.memory().numTensors, tf.memory().numBytes];
    for (let i = 0; i < 10; i++) run();
    assert.deepEqual([binding.getNumOfTensors(), tf.memory().numTensors, tf.memory().numBytes], before);
    w.dispose();
  });
});
