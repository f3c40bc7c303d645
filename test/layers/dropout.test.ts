import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { likelihoods } from '../../lib/distributions';
import { backend } from '../../lib/engine/tfjs/backend';
import { fit } from '../../lib/fit';
import { MeanField } from '../../lib/inference/families/meanField';
import type { Posterior } from '../../lib/inference/posterior/posterior';
import { vi } from '../../lib/inference/vi';
import { dense, dropout, type DropoutOptions, type Layer, residual } from '../../lib/layers';
import { noiseIn } from '../../lib/layers/noise';
import { sequential } from '../../lib/layers/sequential';
import { normalQuantile } from '../../lib/metrics/normal';
import { adam } from '../../lib/optimizers';
import { noiseKeys } from '../../lib/streams';
import { assertClose } from '../golden';
import { curves, options } from '../problems';
import { refuses } from '../refuses';
import { applied, assertNear, noise, outputAndGradients } from './evaluate';

/** The noise 'mask' [samples, data, ...shape] as inference methods draw it, for these samples and data of a step. */
function drawn(
  shape: readonly number[],
  [firstSample, samples]: readonly [number, number],
  [first, data]: readonly [number, number],
): tf.Tensor {
  const family = new MeanField([], 1, 'weights', [{ name: 'mask', always: false }]);
  const keys = noiseKeys([1, 2], 7, { streams: family.streams, samples, firstSample });
  const batch = {
    keys: tf.tensor3d(keys, [family.streams, samples, 2], 'int32'),
    first: tf.scalar(first, 'int32'),
    samples,
  };
  const draw = family.draw([], batch, 'training');
  return draw.noise('mask', [data, ...shape])!;
}

describe('layers: dropout', () => {
  before(() => {
    backend();
  });

  it('keeps what has noise above the quantile of its rate, scaled up, with gradient', () => {
    for (const rate of [0.2, 0.5, 0.9]) {
      const [x, mask] = [noise(1, [1, 3, 4]), noise(2, [2, 3, 4])];
      const dy = noise(3, [2, 3, 4]);
      const kept = tf.div(tf.cast(tf.greater(mask, normalQuantile(rate)), 'float32'), 1 - rate);
      const layer = applied(dropout({ rate }), [4]);
      const got = outputAndGradients(({ x }) => layer({ x: x!, mask: noise(2, [2, 3, 4]) }), { x }, dy);
      assertNear(got['output']!, tf.mul(x, kept), 1e-6, 'output');
      assertNear(got['grad_x']!, tf.sum(tf.mul(dy, kept), 0, true), 1e-6, 'gradient');
    }
  });

  it('drops its rate of 100,000 numbers, to within 4.5 standard errors', () => {
    const mask = drawn([100], [0, 10], [0, 100]);
    for (const rate of [0.1, 0.5, 0.75]) {
      const y = applied(dropout({ rate }), [100])({ x: tf.ones([1, 100, 100]), mask });
      const dropped = tf.mean(tf.cast(tf.equal(y, 0), 'float32')).dataSync()[0]!;
      assert.ok(
        Math.abs(dropped - rate) < 4.5 * Math.sqrt((rate * (1 - rate)) / 1e5),
        `${dropped} of ${rate}`,
      );
    }
  });

  it('has the same noise for a sample and datum, whichever of them are at hand', () => {
    for (const shape of [[3], [2, 5]]) {
      const whole = drawn(shape, [0, 4], [0, 6]);
      const part = drawn(shape, [1, 2], [2, 3]);
      const all = shape.map(() => 0);
      assertNear(part, tf.slice(whole, [1, 2, ...all], [2, 3, ...shape]), 0, 'noise');
      const [one, other] = tf.split(tf.reshape(whole, [4, 6, -1]), 2, 0) as [tf.Tensor, tf.Tensor];
      assert.ok(tf.max(tf.abs(tf.sub(one, other))).dataSync()[0]! > 0.1);
    }
  });

  it('declares its noise wherever it is, and none at rate 0', () => {
    const model = sequential([
      dense({ units: 3 }),
      residual(sequential([dropout({ rate: 0.1 }), dense({ units: 3 })])),
      dropout({ rate: 0 }),
      dropout({ rate: 0.1, always: true }),
    ]);
    assert.deepEqual(noiseIn(model.build([2])), [
      { name: '1.residual.0.dropout.mask', always: false },
      { name: '3.dropout.mask', always: true },
    ]);
  });

  const network = (given: DropoutOptions, bayesian: boolean): Layer =>
    sequential([
      dense({ units: 16, activation: 'tanh', bayesian }),
      dropout(given),
      dense({ units: 2, bayesian }),
    ]);
  const learn = async (
    model: Layer,
  ): Promise<{ posterior: Posterior<'regression'>; samples: number; nll: number[] }> => {
    const run = fit(model, curves.train, {
      ...options(),
      method: vi({ samples: 4 }),
      likelihood: likelihoods.gaussian({ noise: 0.3 }),
      optimizer: adam(0.02),
      epochs: 60,
    });
    const posterior = await run.done;
    return { posterior, samples: run.plan.samples, nll: Array.from(run.history.nll) };
  };

  it('is off in predictions, and trains with a mask for each sample', async () => {
    const { posterior, samples, nll } = await learn(network({ rate: 0.2 }, false));
    assert.equal(samples, 4);
    assert.ok(nll.at(-1)! < nll[0]! / 2, `${nll[0]} to ${nll.at(-1)}`);
    const p = posterior.predict(curves.train.x, { samples: 8 });
    assert.deepEqual(p.samples.shape, [1, 60, 2]); // all draws would be equal
    const [[W, b], [V, c]] = [0, 2].map((place) =>
      ['kernel', 'bias'].map((name) => {
        const values = posterior.variables.get(`${place}.dense.${name}`)!;
        return tf.tensor(values, [...values.shape]);
      }),
    ) as [[tf.Tensor, tf.Tensor], [tf.Tensor, tf.Tensor]];
    const hidden = tf.tanh(tf.add(tf.matMul(tf.tensor2d(curves.train.x, [60, 2]), W), b));
    assertClose(p.mean, Array.from(tf.add(tf.matMul(hidden, V), c).dataSync()), 1e-5);
  });

  it('stays on with `always`: each draw has one mask for all data, so that a datum is predicted the same among others', async () => {
    const { posterior } = await learn(network({ rate: 0.2, always: true }, false));
    const p = posterior.predict(curves.train.x, { samples: 32 });
    assert.deepEqual(p.samples.shape, [32, 60, 2]);
    assert.ok(p.epistemic.every((std) => std > 0));
    const one = posterior.predict([Array.from(curves.train.x.subarray(34, 36))], { samples: 32 });
    assertClose(one.samples, Array.from({ length: 32 }, (_, s) => Array.from(p.samples.subarray(s * 120 + 34, s * 120 + 36))), 1e-6); // prettier-ignore
  });

  it('refuses rates out of range', () => {
    for (const rate of [1, -0.1, NaN, '0.5']) {
      refuses(
        () => dropout({ rate: rate as number }),
        'E_OPTION',
        /^layers\.dropout: option 'rate' must be a number of at least 0 and below 1, got/,
      );
    }
  });
});
