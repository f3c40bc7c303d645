import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { normalKl, normalLogProb } from '../../lib/distributions/normal';
import { priors } from '../../lib/distributions';
import { tensorflow } from '../../lib/engine/tfjs/tensorflow';
import { assertClose, golden } from '../golden';

type List = number[] | number[][];

describe('distributions: normal', () => {
  before(() => {
    tensorflow();
  });

  interface Points {
    x: List;
    mean: List;
    std: List;
  }
  for (const { name, inputs, expected, tolerance_f32 } of golden<Points>(
    'distributions',
    'normal_log_prob',
  )) {
    it(`distributions.json ${name}`, () => {
      const logProb = normalLogProb(
        tf.tensor(inputs.x),
        tf.tensor(inputs.mean),
        tf.log(tf.tensor(inputs.std)),
      );
      assertClose(logProb.dataSync(), expected['log_prob']!, tolerance_f32);
      assertClose(tf.sum(logProb).dataSync(), expected['sum']!, tolerance_f32);
    });
  }

  interface Pair {
    q_mean: List;
    q_log_std: List;
    p_mean: List;
    p_std: List;
  }
  const numbers = (list: List): number[] => list.flat();

  for (const { name, inputs, expected, tolerance_f32 } of golden<Pair>('distributions', 'normal_kl')) {
    it(`distributions.json ${name}`, () => {
      const posterior = { mean: tf.tensor(inputs.q_mean), logStd: tf.tensor(inputs.q_log_std) };
      const [means, stds] = [numbers(inputs.p_mean), numbers(inputs.p_std)];
      if (means.length === 1) {
        const kl = priors.normal(means[0], stds[0]).kl(posterior);
        assertClose(kl.dataSync(), expected['kl']!, tolerance_f32);
        assertClose(tf.sum(kl).dataSync(), expected['sum']!, tolerance_f32);
      } else {
        // a prior of its own for each weight, one by one
        const each = means.map((mean, i) =>
          normalKl(
            tf.scalar(numbers(inputs.q_mean)[i]!),
            tf.scalar(numbers(inputs.q_log_std)[i]!),
            mean,
            stds[i]!,
          ),
        );
        assertClose(tf.stack(each).dataSync(), expected['kl']!, tolerance_f32);
      }
    });
  }
});

describe('distributions: the normal prior', () => {
  before(() => {
    tensorflow();
  });

  it('has the log density of N(mean, std²)', () => {
    const logProb = priors.normal(1, 2).logProb(tf.tensor1d([1, 3, -5]));
    const atMean = -Math.log(2) - 0.5 * Math.log(2 * Math.PI);
    assertClose(logProb.dataSync(), [atMean, atMean - 0.5, atMean - 4.5], 1e-6);
  });

  it('has no divergence from itself, and that is the least', () => {
    const [mean, logStd] = [tf.tensor1d([0.5, 0.5, 0.7]), tf.tensor1d([Math.log(3), 1, Math.log(3)])];
    const [equal, wider, moved] = priors.normal(0.5, 3).kl({ mean, logStd }).dataSync();
    assertClose([equal], [0], 1e-6);
    assert.ok(wider! > 1e-3 && moved! > 1e-3);
  });

  it('names itself', () => {
    assert.equal(priors.normal(0, 0.5).name, 'N(0, 0.5²)');
  });

  it('refuses what is no mean or standard deviation', () => {
    for (const [mean, std, message] of [
      [0, 0, 'priors.normal: std: must be a number above 0, got 0'],
      [0, -1, 'priors.normal: std: must be a number above 0, got -1'],
      [0, NaN, /priors.normal: std: must be/],
      [Infinity, 1, 'priors.normal: mean: must be finite, got Infinity'],
      ['0', 1, 'priors.normal: mean: must be a number, got "0"'],
    ] as const) {
      assert.throws(() => priors.normal(mean as number, std), { code: 'E_OPTION', message });
    }
  });
});
