import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { priors } from '../../lib/distributions';
import { divergence } from '../../lib/distributions/divergence';
import type { Prior } from '../../lib/distributions/prior';
import { tensorflow } from '../../lib/engine/tfjs/tensorflow';
import { keyOf, normals } from '../../lib/threefry';
import { assertClose } from '../golden';

const MEANS = [0, 0.3, -1.5, 0.02, 4];
const STDS = [1, 0.2, 0.7, 0.01, 2];
const posterior = () => ({ mean: tf.tensor1d(MEANS), logStd: tf.log(tf.tensor1d(STDS)) });
const at = (step: number) => tf.scalar(step);
/** The same prior without its closed form. */
const open = ({ name, logProb }: Prior): Prior => ({ name, logProb });
/** Steps after which every shift of the nodes was there once. */
const PERIOD = 987;

describe('distributions: a divergence without closed form', () => {
  before(() => {
    tensorflow();
  });

  it('of a smooth density is right in every step: that of normal priors to half a percent', () => {
    for (const prior of [priors.normal(0, 1), priors.normal(0.5, 3), priors.normal(-1, 0.3)]) {
      const want = prior.kl(posterior()).dataSync();
      for (const step of [1, 2, 50, 123457]) {
        assertClose(divergence(open(prior), posterior(), at(step)).dataSync(), [...want], 5e-3);
      }
    }
  });

  it('has the gradients of the closed form, to one percent', () => {
    const prior = priors.normal(0.1, 0.8);
    const gradients = (prior: Prior): number[][] =>
      tf
        .grads((mean: tf.Tensor, logStd: tf.Tensor) => tf.sum(divergence(prior, { mean, logStd }, at(3))))([
          posterior().mean,
          posterior().logStd,
        ])
        .map((each) => [...each.dataSync()]);
    assertClose(gradients(open(prior)), gradients(prior), 1e-2);
  });

  for (const prior of [priors.normal(0.2, 0.5), priors.laplace(0, 0.5)]) {
    it(`is exact on the mean over steps: that of ${prior.name} to 1e-5`, () => {
      const sum = new Float64Array(MEANS.length);
      let worst = 0;
      const want = prior.kl(posterior()).dataSync();
      for (let step = 1; step <= PERIOD; step++) {
        const kl = tf.tidy(() => divergence(open(prior), posterior(), at(step)).dataSync());
        kl.forEach((value, i) => {
          sum[i]! += value / PERIOD;
          worst = Math.max(worst, Math.abs(value - want[i]!));
        });
      }
      assertClose(sum, [...want], 1e-5);
      assert.ok(worst > 1e-3 && worst < 0.4, `no step alone is exact: ${worst}`);
    });
  }

  it('of a smooth density has a hundredth of the noise that eight draws have', () => {
    const prior = priors.studentT({ scale: 0.1 });
    const [mean, logStd] = [0.02, Math.log(0.02)];
    const spread = (values: number[]): number => {
      const mean = values.reduce((a, b) => a + b) / values.length;
      return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    };
    // d/d mean of -E log p(w), by the integral and by draws
    const ofStep = (step: number): number =>
      tf
        .grad((mean: tf.Tensor) => divergence(prior, { mean, logStd: tf.scalar(logStd) }, at(step)))(
          tf.scalar(mean),
        )
        .dataSync()[0]!;
    const ofDraws = (step: number): number => {
      const eps = tf.tensor1d(Float32Array.from(normals(keyOf(step), 8)));
      const loss = (mean: tf.Tensor): tf.Tensor =>
        tf.neg(tf.mean(prior.logProb(tf.add(mean, tf.mul(Math.exp(logStd), eps)))));
      return tf.grad(loss)(tf.scalar(mean)).dataSync()[0]!;
    };
    const steps = Array.from({ length: 100 }, (_, i) => i + 1);
    assert.ok(spread(steps.map(ofStep)) < spread(steps.map(ofDraws)) / 100);
  });

  it('repeats exactly: a step has one value', () => {
    const [a, b] = [5, 5 + PERIOD].map((step) =>
      divergence(priors.studentT(), posterior(), at(step)).dataSync(),
    );
    assert.deepEqual(a, b);
  });

  const DRAWS = 200_000;
  /** A spike that is narrower than the distance of the nodes takes all shifts. */
  const some: [prior: Prior, steps: number][] = [
    [priors.studentT(), 89],
    [priors.studentT({ df: 1, mean: 0.2, scale: 0.4 }), 89],
    [priors.scaleMixture({ pi: 0.3, sigma1: 2, sigma2: 0.2 }), 89],
    [priors.scaleMixture(), PERIOD],
    [priors.horseshoe(), PERIOD],
    [priors.horseshoe(0.1), PERIOD],
    [{ name: 'logistic', logProb: (w) => tf.sub(tf.neg(w), tf.mul(tf.softplus(tf.neg(w)), 2)) }, 89],
  ];
  for (const [prior, steps] of some) {
    it(`of ${prior.name} is that of ${DRAWS} draws, to four standard errors, on the mean over ${steps} steps`, () => {
      const eps = tf.tensor2d(Float32Array.from(normals(keyOf(11), DRAWS)), [DRAWS, 1]);
      const { mean, logStd } = posterior();
      const logQ = tf.sub(tf.mul(tf.square(eps), -0.5), tf.add(logStd, 0.5 * Math.log(2 * Math.PI)));
      const draws = tf.sub(logQ, prior.logProb(tf.add(mean, tf.mul(tf.exp(logStd), eps))));
      const { mean: estimate, variance } = tf.moments(draws, 0);
      const errors = tf.sqrt(tf.div(variance, DRAWS)).dataSync();
      const sum = new Float64Array(MEANS.length);
      for (let step = 0; step < steps; step++) {
        const kl = tf.tidy(() => divergence(prior, posterior(), at(step)).dataSync());
        kl.forEach((value, i) => (sum[i]! += value / steps));
      }
      estimate.dataSync().forEach((value, i) => {
        const off = Math.abs(sum[i]! - value);
        assert.ok(off < 4 * errors[i]! + 1e-4, `${i}: ${sum[i]} against ${value} ± ${errors[i]}`);
      });
    });
  }
});
