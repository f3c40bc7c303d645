import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { tensorflow } from '../../lib/engine/tfjs/tensorflow';
import { adam, chain, type Optimizer, sgd, type Transform } from '../../lib/optimizers';
import { assertClose } from '../golden';

/** Follows the gradient of half a square for some steps from x. */
function follow({ slots: count, update }: Optimizer, x: number, steps: number): number[] {
  let variable: tf.Tensor = tf.scalar(x);
  let slots: tf.Tensor[] = Array.from({ length: count }, () => tf.scalar(0));
  return Array.from({ length: steps }, (_, i) => {
    const made = update(variable, slots, tf.scalar(i + 1));
    slots = made.slots;
    variable = tf.add(variable, made.update);
    return variable.dataSync()[0]!;
  });
}

describe('optimizers', () => {
  before(() => {
    tensorflow();
  });

  it('sgd goes the learning rate times the gradient', () => {
    assertClose(follow(sgd(0.1), 2, 3), [1.8, 1.62, 1.458], 1e-6);
    assert.equal(sgd(0.1).slots, 0);
  });

  it("adam takes the learning rate as its first step, and then the formula's", () => {
    // algorithm 1 of Kingma and Ba in double precision
    const [lr, beta1, beta2, epsilon] = [0.1, 0.8, 0.95, 1e-3];
    let [x, m, v] = [2, 0, 0];
    const want = [1, 2, 3, 4, 5].map((t) => {
      m = beta1 * m + (1 - beta1) * x;
      v = beta2 * v + (1 - beta2) * x ** 2;
      return (x -= (lr * (m / (1 - beta1 ** t))) / (Math.sqrt(v / (1 - beta2 ** t)) + epsilon));
    });
    assertClose(follow(adam(lr, { beta1, beta2, epsilon }), 2, 5), want, 1e-6);
    assertClose(follow(adam(0.01), -3, 1), [-2.99], 1e-6);
  });

  it('adam finds the minimum', () => {
    assert.ok(Math.abs(follow(adam(0.05), 1, 400).at(-1)!) < 1e-2);
  });

  it('chain hands each transform its own slots', () => {
    /** Adds up what it has seen, in as many slots as wanted. */
    const summing = (slots: number): Transform => ({
      slots,
      update: (gradient, kept) => {
        const next = kept.map((each) => tf.add(each, gradient));
        return { update: tf.add(gradient, tf.addN(next)), slots: next };
      },
    });
    const both = chain(summing(1), summing(2));
    assert.equal(both.slots, 3);
    const { update, slots } = both.update(
      tf.scalar(1),
      [tf.scalar(10), tf.scalar(20), tf.scalar(30)],
      tf.scalar(1),
    );
    // first: 1 + 11 = 12; second sees 12: slots 32 and 42, update 12 + 74
    assertClose(update.dataSync(), [86], 0);
    assertClose(
      slots.map((slot) => slot.dataSync()[0]!),
      [11, 32, 42],
      0,
    );
  });

  it('refuse options out of range', () => {
    const refused: [make: () => Optimizer, message: string | RegExp][] = [
      [() => adam(0), 'adam: learningRate: must be a number above 0, got 0'],
      [() => adam(-1), 'adam: learningRate: must be a number above 0, got -1'],
      [() => sgd(NaN), /^sgd: learningRate: must be/],
      [() => sgd('fast' as unknown as number), 'sgd: learningRate: must be a number above 0, got "fast"'],
      [() => adam(1e-3, { beta1: 1 }), "adam: option 'beta1' must be a number in [0, 1), got 1"],
      [() => adam(1e-3, { epsilon: 0 }), "adam: option 'epsilon' must be a number above 0, got 0"],
      [() => adam(1e-3, { beta_1: 0.9 } as object), /^adam: unknown option 'beta_1'. Did you mean 'beta1'\?/],
    ];
    for (const [make, message] of refused) assert.throws(make, { code: 'E_OPTION', message });
  });
});
