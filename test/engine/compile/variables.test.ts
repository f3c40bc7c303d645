import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { jit } from '../../../lib/engine/compile/jit';
import { tensorflow } from '../../../lib/engine/tfjs/tensorflow';
import { trace } from '../../../lib/engine/compile/trace';
import { assertClose } from '../../golden';

const vector = (...values: number[]): tf.Tensor1D => tf.tensor1d(values);
const read = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());

const variable = (...values: number[]): tf.Variable => tf.variable<tf.Rank>(vector(...values));

/** What tfjs and TensorFlow hold. */
const held = (): number[] => {
  const { numTensors, numBytes, numDataBuffers } = tf.memory();
  return [tensorflow().binding.getNumOfTensors(), numTensors, numBytes, numDataBuffers];
};

describe('engine: variables in compiled functions', () => {
  before(() => {
    tensorflow();
  });
  afterEach(() => {
    tf.disposeVariables();
  });

  it('are read at every call', () => {
    const table = variable(10, 20);
    const add = jit((x: tf.Tensor) => tf.add(x, table));
    assert.deepEqual(read(add(vector(1, 2))), [11, 22]);
    table.assign(vector(0, 5));
    assert.deepEqual(read(add(vector(1, 2))), [1, 7]);
  });

  it('are assigned at every call, once each, and hold the last value', () => {
    const [total, last] = [variable(0), variable(0)];
    const add = jit((x: tf.Tensor) => {
      total.assign(tf.add(total, x));
      last.assign(tf.neg(x));
      total.assign(tf.mul(total, 2));
      return [total, tf.add(last, 100)];
    });
    assert.deepEqual(add(vector(1)).map(read), [[2], [99]]);
    assert.deepEqual(add(vector(5)).map(read), [[14], [95]]);
    assert.deepEqual([read(total), read(last)], [[14], [-5]]);
  });

  it('may be exchanged, and take arguments and constants', () => {
    const [a, b, c] = [variable(1), variable(2), variable(3)];
    const constant = vector(7);
    const rotate = jit((x: tf.Tensor) => {
      const old = tf.clone(a);
      a.assign(b);
      b.assign(old);
      c.assign(x);
      return [constant, x];
    });
    rotate(vector(9));
    assert.deepEqual([a, b, c].map(read), [[2], [1], [9]]);
    const reset = jit((x: tf.Tensor) => {
      c.assign(constant);
      return x;
    });
    reset(vector(0));
    assert.deepEqual(read(c), [7]);
  });

  it('are told apart from tensors that share their data', () => {
    const initial = vector(1, 2);
    const weights = tf.variable(initial);
    const both = jit((x: tf.Tensor) => tf.add(tf.mul(x, weights), tf.mul(100, initial)));
    weights.assign(vector(3, 4));
    assert.deepEqual(read(both(vector(1, 1))), [103, 204]);
    weights.assign(vector(5, 6));
    assert.deepEqual(read(both(vector(1, 1))), [105, 206]);
  });

  it('are shared by functions, and by functions inside functions', () => {
    const count = tf.variable<tf.Rank>(tf.scalar(0));
    const step = jit(
      (x: tf.Tensor) => {
        count.assign(tf.add(count, x));
        return count;
      },
      { xla: true },
    );
    const twice = jit((x: tf.Tensor) => {
      const between = tf.clone(step(x));
      step(tf.mul(x, 10));
      return between;
    });
    const show = jit((x: tf.Tensor) => tf.add(count, x));
    assert.deepEqual(read(step(tf.scalar(1))), [1]);
    assert.deepEqual(read(twice(tf.scalar(2))), [3]);
    assert.deepEqual(read(count), [23]);
    assert.deepEqual(read(show(tf.scalar(0.5))), [23.5]);
  });

  for (const [name, make] of Object.entries({
    sgd: () => tf.train.sgd(0.1),
    momentum: () => tf.train.momentum(0.05, 0.9),
    adam: () => tf.train.adam(0.05),
    rmsprop: () => tf.train.rmsprop(0.02),
    adagrad: () => tf.train.adagrad(0.1),
  })) {
    it(`make a step of tf.train.${name} one call that trains as the eager loop does`, () => {
      const x = tf.tensor2d([-1, -0.5, 0, 0.5, 1, 1.5], [6, 1]);
      const y = tf.mul(tf.sin(tf.mul(x, 2)), 3);
      const train = (compile: boolean): { losses: number[]; weights: number[][] } => {
        const parameters = [
          tf.variable(tf.tensor2d([0.3, -0.7, 1.1, 0.5], [1, 4])),
          variable(0, 0.1, -0.1, 0.2),
          tf.variable(tf.tensor2d([0.2, -0.4, 0.9, 0.3], [4, 1])),
        ] as const;
        const [w1, b1, w2] = parameters;
        const optimizer = make();
        const step = (x: tf.Tensor, y: tf.Tensor): tf.Tensor =>
          optimizer.minimize(
            () => {
              const hidden = tf.tanh(tf.add(tf.matMul(x as tf.Tensor2D, w1), b1));
              return tf.losses.meanSquaredError<tf.Tensor, tf.Scalar>(y, tf.matMul(hidden, w2));
            },
            true,
            [...parameters],
          )!;
        const run = compile ? jit(step) : step;
        const losses = Array.from({ length: 20 }, () => read(run(x, y))[0]!);
        const weights = parameters.map(read);
        parameters.forEach((variable) => variable.dispose());
        optimizer.dispose();
        return { losses, weights };
      };
      const [eager, compiled] = [train(false), train(true)];
      assert.ok(eager.losses[19]! < 0.9 * eager.losses[0]!, 'it trains');
      assertClose(compiled.losses, eager.losses, 1e-5);
      compiled.weights.forEach((weights, i) => assertClose(weights, eager.weights[i]!, 1e-5));
    });
  }

  it('make a layers model with its optimiser one call', () => {
    const build = (): tf.Sequential =>
      tf.sequential({
        layers: [
          tf.layers.dense({
            inputShape: [2],
            units: 3,
            activation: 'tanh',
            kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }),
          }),
          tf.layers.dense({ units: 1, kernelInitializer: tf.initializers.glorotUniform({ seed: 2 }) }),
        ],
      });
    const x = tf.tensor2d([0, 0, 0, 1, 1, 0, 1, 1], [4, 2]);
    const y = tf.tensor2d([0, 1, 1, 0], [4, 1]);
    const train = (compile: boolean): number[] => {
      const model = build();
      const optimizer = tf.train.adam(0.1);
      const step = (x: tf.Tensor, y: tf.Tensor): tf.Tensor =>
        optimizer.minimize(
          () =>
            tf.losses.meanSquaredError<tf.Tensor, tf.Scalar>(
              y,
              model.apply(x, { training: true }) as tf.Tensor,
            ),
          true,
        )!;
      const run = compile ? jit(step) : step;
      const losses = Array.from({ length: 20 }, () => read(run(x, y))[0]!);
      tf.disposeVariables();
      return losses;
    };
    const eager = train(false);
    assert.ok(eager[19]! < 0.5 * eager[0]!);
    assertClose(train(true), eager, 1e-4);
  });

  it('may be made while compiling: with their first value, kept from call to call', () => {
    const made: tf.Variable[] = [];
    const accumulate = jit((x: tf.Tensor) => {
      made[0] ??= tf.variable(tf.mul(x, 100)); // of the first call's argument
      made[1] ??= tf.variable(tf.add(made[0], 1)); // of a variable that is new itself
      made[0].assign(tf.add(made[0], x));
      return tf.add(made[0], tf.mul(made[1], 0));
    });
    assert.deepEqual(
      [1, 2, 3].map((x) => read(accumulate(vector(x)))[0]),
      [101, 103, 106],
    );
    assert.deepEqual(made.map(read), [[106], [101]]);
  });

  it('may be made in a function inside a function', () => {
    let state: tf.Variable | undefined;
    const scale = tf.variable(tf.scalar(2));
    const inner = jit((x: tf.Tensor) => {
      state ??= tf.variable(tf.mul(x, scale));
      state.assign(tf.add(state, x));
      return state;
    });
    const outer = jit((x: tf.Tensor) => tf.neg(inner(tf.add(x, 1))));
    assert.deepEqual(
      [1, 2, 3].map((x) => read(outer(vector(x)))[0]),
      [-6, -9, -13],
    );
    assert.deepEqual(read(state!), [13]);
    assert.deepEqual(read(inner(vector(7))), [20]);
  });

  it('that are made of arguments need a call', () => {
    const fresh = (): ((x: tf.Tensor) => tf.Tensor) => {
      let state: tf.Variable | undefined;
      return (x) => {
        state ??= tf.variable(tf.zerosLike(x));
        return tf.add(state, x);
      };
    };
    const message = /variable '\w+' was made .* from shapes alone.* call the function first/;
    assert.throws(() => jit(fresh()).serialize({ shape: [1], dtype: 'float32' }), {
      code: 'E_TRACE',
      message,
    });
    const inner = jit(fresh());
    assert.throws(() => trace((x) => inner(x), [{ shape: [1], dtype: 'float32' }]), {
      code: 'E_TRACE',
      message,
    });
  });

  it('keep no copy of a value, and free the old one right after the call', () => {
    const parameters = Array.from({ length: 3 }, (_, i) => tf.variable(tf.fill([1000], i)));
    const step = jit((x: tf.Tensor) => {
      parameters.forEach((variable) => variable.assign(tf.add(variable, x)));
      return x;
    });
    const x = tf.neg(tf.scalar(1));
    step(x).dispose();
    const before = held();
    for (let i = 0; i < 5; i++) {
      step(x).dispose();
      assert.deepEqual(held(), before);
    }
    assert.deepEqual(
      parameters.map((variable) => read(variable)[0]),
      [-6, -5, -4],
    );
  });

  it('are as before after a function that could not be compiled', () => {
    const weights = variable(1, 2);
    const made: tf.Variable[] = [];
    const failing = jit((x: tf.Tensor) => {
      weights.assign(tf.mul(weights, x));
      made.push(tf.variable(tf.mul(x, 3)));
      throw new RangeError('mine');
    });
    const x = tf.neg(vector(1, 2));
    tf.neg(weights).dispose(); // values reach TensorFlow when they are first used
    const before = held();
    assert.throws(() => failing(x), RangeError);
    assert.deepEqual([weights, made[0]!].map(read), [
      [1, 2],
      [-3, -6],
    ]);
    made[0]!.dispose();
    assert.deepEqual(held(), before);
  });

  it('that are gone are named', () => {
    const weights = tf.variable(vector(1), true, 'lost');
    const add = jit(function shift(x: tf.Tensor) {
      return tf.add(x, weights);
    });
    add(vector(1));
    weights.dispose();
    assert.throws(() => add(vector(1)), {
      code: 'E_DISPOSED',
      message: /variable 'lost'.*function 'shift'.*call jit again/,
    });
  });

  it('cannot be disposed of inside', () => {
    const weights = tf.variable(vector(1), true, 'doomed');
    const before = held();
    const dispose = jit((x: tf.Tensor) => {
      const y = tf.add(x, weights);
      weights.dispose();
      return y;
    });
    assert.throws(() => dispose(vector(1)), {
      code: 'E_TRACE',
      message: /variable 'doomed' was disposed of/,
    });
    assert.ok(weights.isDisposed);
    assert.ok(held()[1]! <= before[1]! + 1);
  });
});
