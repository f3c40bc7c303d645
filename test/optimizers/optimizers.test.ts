import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { tensorflow } from '../../lib/engine/tfjs/tensorflow';
import {
  adam,
  chain,
  type LearningRate,
  type Optimizer,
  rateAt,
  sgd,
  type Transform,
} from '../../lib/optimizers';
import { assertClose } from '../golden';
import { fitClouds } from '../problems';
import { refuses } from '../refuses';
import { deviation } from '../variables';

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

describe('optimizers', function () {
  this.timeout(60_000);
  before(() => {
    tensorflow();
  });

  it('sgd goes the learning rate times the gradient', () => {
    assertClose(follow(sgd(0.1), 2, 3), [1.8, 1.62, 1.458], 1e-6);
    assert.equal(sgd(0.1).slots, 0);
  });

  it('sgd with momentum goes as torch.optim.SGD does', () => {
    const momentum = 0.9;
    // by torch 2.15
    assertClose(follow(sgd(0.1, { momentum }), 2, 5), [1.8, 1.44, 0.972, 0.4536, -0.05832], 1e-6);
    const nesterov = sgd(0.1, { momentum, nesterov: true });
    assertClose(follow(nesterov, 2, 5), [1.62, 1.1502, 0.654642, 0.18777582, -0.20916336780000014], 1e-6);
    assert.deepEqual(
      [sgd(0.1, { momentum }).name, nesterov.name],
      ['sgd(0.1, momentum 0.9)', 'sgd(0.1, nesterov 0.9)'],
    );
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

  it('say where their running mean of the gradients is, but for sgd without momentum, which has none', () => {
    const optimizer = adam(0.1, { beta1: 0.8 });
    const constant = tf.scalar(3);
    for (const each of [optimizer, sgd(0.1, { momentum: 0.9 })]) {
      let slots: tf.Tensor[] = Array.from({ length: each.slots }, () => tf.scalar(0));
      for (const step of [1, 2, 3]) {
        ({ slots } = each.update(constant, slots, tf.scalar(step)));
        const { slot, factor } = each.runningGradient!(step);
        assertClose([factor * slots[slot]!.dataSync()[0]!], [3], 1e-6); // unbiased from the first step on
      }
    }
    assert.equal(sgd(0.1).runningGradient, undefined);
    assert.deepEqual([optimizer.learningRate, sgd(0.2).learningRate], [0.1, 0.2]);
    const other: Transform = { slots: 0, update: (gradient) => ({ update: gradient, slots: [] }) };
    assert.equal(chain(other, optimizer).runningGradient, undefined, 'it is a mean of something else then');
  });

  const rates = (rate: LearningRate, steps: number[]): Float32Array =>
    rateAt(rate, tf.tensor1d(steps)).dataSync<'float32'>();

  it('schedules rise evenly, and fall as they are told to', () => {
    assertClose(rates({ peak: 0.2, warmup: 4 }, [1, 2, 4, 5, 100]), [0.05, 0.1, 0.2, 0.2, 0.2], 1e-7);
    const falling = { peak: 1, warmup: 10, steps: 50, end: 0.2 };
    const at = [5, 10, 20, 30, 50, 60];
    assertClose(rates({ ...falling, decay: 'linear' }, at), [0.5, 1, 0.8, 0.6, 0.2, 0.2], 1e-6);
    const cosine = at.map((step) => {
      const done = Math.min(1, Math.max(0, step - 10) / 40);
      return Math.min(1, step / 10) * (0.2 + (0.8 * (1 + Math.cos(Math.PI * done))) / 2);
    });
    assertClose(rates({ ...falling, decay: 'cosine' }, at), cosine, 1e-6);
    const factor = 0.2 ** (1 / 40);
    const byFactor = [0.5, 1, factor ** 10, factor ** 20, 0.2, 0.2];
    assertClose(rates({ ...falling, decay: 'exponential' }, at), byFactor, 1e-6);
    assertClose(rates({ peak: 1, decay: 'exponential', steps: 9 }, [9]), [0.01], 1e-7);
    assertClose(rates({ peak: 1, decay: 'cosine', steps: 9 }, [9, 20]), [0, 0], 1e-6);
    assertClose(
      rates((step) => tf.div(2, step), [1, 4]),
      [2, 0.5],
      1e-6,
    );
  });

  it('scale the steps of any optimiser', () => {
    const schedule = { peak: 0.1, warmup: 2, decay: 'linear', steps: 4 } as const;
    const want: number[] = [];
    let x = 2;
    for (const rate of [0.05, 0.1, 0.05, 0]) want.push((x -= rate * x));
    assertClose(follow(sgd(schedule), 2, 4), want, 1e-6);
    assertClose(follow(adam(schedule), -3, 1), [-2.95], 1e-6);
    assert.equal(adam(schedule).name, 'adam(0.1, after 2 steps, linear to 0 in 4 steps)');
    assert.equal(
      sgd(function halved(step) {
        return tf.div(0.1, step);
      }).name,
      'sgd(halved)',
    );
  });

  it('learn the same on two workers as on one, by a schedule and with momentum', async () => {
    const schedule = { peak: 0.02, warmup: 30, decay: 'cosine', steps: 102 } as const;
    const learn = async (optimizer: Optimizer, devices: number) =>
      (await fitClouds({ optimizer, devices, epochs: 34, save: false }).done).variables;
    const [one, two] = [await learn(adam(schedule), 1), await learn(adam(schedule), 2)];
    assert.ok(deviation(two, one) <= 1e-5);
    assert.ok(deviation(await learn(adam(0.02), 1), one) > 1e-2);
    const still = sgd(0.02, { momentum: 0.9 });
    assert.ok(deviation(await learn(still, 2), await learn(still, 1)) <= 1e-5);
  });

  it('refuse schedules that make no sense', () => {
    const wrong: [unknown, RegExp][] = [
      [0, /above 0/],
      ['fast', /must be a number above 0, a schedule such as/],
      [{ peak: 1, decay: 'cosine' }, /'decay' and 'steps' together/],
      [{ peak: 1, steps: 10 }, /'decay' and 'steps' together/],
      [{ peak: 1, warmup: 10, decay: 'linear', steps: 10 }, /more 'steps' than 'warmup'/],
      [{ peak: 1, decay: 'linear', steps: 10, end: 2 }, /at most 'peak'/],
      [{ peak: 1, decay: 'exponential', steps: 10, end: 0 }, /above 0, to fall to it/],
      [{ peak: 1, warmUp: 10 }, /warmUp/],
    ];
    for (const [rate, message] of wrong) refuses(() => adam(rate as number), 'E_OPTION', message);
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
      [
        () => sgd('fast' as unknown as number),
        /^sgd: learningRate: must be a number above 0, a schedule .*, got "fast"$/,
      ],
      [
        () => adam(1e-3, { beta1: 1 }),
        "adam: option 'beta1' must be a number of at least 0 and below 1, got 1",
      ],
      [
        () => sgd(1e-3, { momentum: 1 }),
        "sgd: option 'momentum' must be a number of at least 0 and below 1, got 1",
      ],
      [
        () => sgd(1e-3, { nesterov: true }),
        /^sgd: .*must have a momentum, such as 0.9, where nesterov is true/,
      ],
      [() => adam(1e-3, { epsilon: 0 }), "adam: option 'epsilon' must be a number above 0, got 0"],
      [() => adam(1e-3, { beta_1: 0.9 } as object), /^adam: unknown option 'beta_1'. Did you mean 'beta1'\?/],
    ];
    for (const [make, message] of refused) assert.throws(make, { code: 'E_OPTION', message });
  });
});
