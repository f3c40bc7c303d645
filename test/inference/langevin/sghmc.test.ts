import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { backend } from '../../../lib/engine/tfjs/backend';
import { noiseStd } from '../../../lib/inference/langevin/langevin';
import { sghmc } from '../../../lib/inference/langevin/sghmc';
import { ess, rhat } from '../../../lib/metrics';
import { adam } from '../../../lib/optimizers';
import { assertClose, golden } from '../../golden';
import { fitClouds } from '../../problems';
import { refuses } from '../../refuses';
import { assertSameOnMeshes } from '../../variables';
import { assertConjugate, conjugatePrior, fitConjugate, ofPrior } from './langevin';

interface Inputs {
  q0: number[];
  m0: number[];
  alpha: number;
  sigma: number;
  target_mean: number[];
  target_precision: number[];
  noise: number[][];
  lr: number;
  temperature: number;
  beta: number;
}

describe('inference: sghmc', () => {
  for (const { name, inputs, expected, tolerance_f32 } of golden<Inputs, { q: number[][]; m: number[][] }>(
    'inference',
    'sghmc',
  )) {
    // its velocity is their momentum times lr / sigma^2; their weights follow the momentum before the step, ours the one after it (see `dynamics`)
    it(`makes the steps of the momentum of inference.json ${name}, and follows it`, () => {
      backend();
      const { q0, m0, alpha, sigma, noise, target_mean, target_precision, lr, temperature, beta } = inputs;
      const speed = lr / sigma ** 2;
      const [stepSize, friction] = [lr * speed, alpha * speed];
      const program = ofPrior(
        (prior) => sghmc({ chains: 1, stepSize, friction, temperature, prior, keep: 1 }),
        q0.length,
        (q) => tf.mul(tf.square(tf.sub(q, target_mean)), tf.mul(target_precision, -0.5)),
      );
      // their beta is of the gradient over the temperature
      const gradientNoise = beta * temperature ** 2;
      const std = noiseStd({ friction, temperature, gradientNoise }, tf.scalar(stepSize), 1);
      noise.forEach((each, i) => {
        const [q, m] = i === 0 ? [q0, m0] : [expected.q[i - 1]!, expected.m[i - 1]!];
        const before = [tf.tensor1d(q), tf.mul(m, speed)] as const;
        const gradient = tf.mul(tf.neg(each), std);
        const [, next, velocity] = program.update([gradient], [before[0]], [before[1]], tf.scalar(i + 1));
        assertClose(tf.div(velocity!, speed).dataSync(), expected.m[i]!, tolerance_f32, `momentum ${i + 1}`);
        const want = q.map((value, j) => value + speed * expected.m[i]![j]!);
        assertClose(next!.dataSync(), want, tolerance_f32, `weights ${i + 1}`);
      });
    });
  }

  it('draws from the posterior of a conjugate model: means within 0.15 standard deviations, covariances within 0.12', async () => {
    const method = sghmc({ prior: conjugatePrior, stepSize: 0.003, keep: 500 });
    const posterior = await fitConjugate(method, 30_000);
    assertConjugate(posterior.variables, { mean: 0.15, covariance: 0.12 });
    for (let i = 0; i < 3; i++) {
      assert.ok(rhat(posterior.chain('kernel', i)) < 1.02);
      assert.ok(ess(posterior.chain('kernel', i)) > 800);
    }
  });

  const settings = { method: sghmc({ stepSize: 0.01, keep: 5 }), epochs: 20 };

  it('draws the same on any mesh', () =>
    assertSameOnMeshes(
      (given) => fitClouds({ ...settings, ...given }).done,
      [[2, 1], [3, 1], [2, 2]], // prettier-ignore
      1e-5,
    ));

  it('says what it cannot do, and names its settings', () => {
    refuses(
      () => sghmc({ friction: 1 }),
      'E_OPTION',
      /sghmc: option 'friction' must be a number above 0 and below 1/,
    );
    refuses(
      () => sghmc({ stepsize: 1 } as never),
      'E_OPTION',
      /sghmc: unknown option 'stepsize'. Did you mean 'stepSize'/,
    );
    refuses(() => fitClouds({ method: sghmc(), optimizer: adam() }), 'E_OPTION', /does not apply to sghmc/);
    assert.match(
      sghmc({ friction: 0.2 }).name,
      /^sghmc \(4 chains, stepSize 0.001, constant, friction 0.2, temperature 1/,
    );
  });
});
