import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { likelihoods, posteriors, priors } from '../../../lib/distributions';
import type { PosteriorForm } from '../../../lib/distributions/posteriors';
import { backend } from '../../../lib/engine/tfjs/backend';
import { fit } from '../../../lib/fit';
import { formOf, type FormParameters } from '../../../lib/inference/families/forms';
import { vi } from '../../../lib/inference/vi';
import { dense } from '../../../lib/layers';
import { sequential } from '../../../lib/layers/sequential';
import { ndarray } from '../../../lib/ndarray';
import { adam } from '../../../lib/optimizers';
import { noiseKeys } from '../../../lib/streams';
import { keyOf, normals } from '../../../lib/threefry';
import { fitClouds, options } from '../../problems';
import { refuses } from '../../refuses';
import { assertSameOnMeshes } from '../../variables';

const one = tf.scalar;

/** Draws of one weight, S of them. */
function drawsOf(form: PosteriorForm, parameters: FormParameters, samples: number): Float32Array {
  const { draw, streams, shared } = formOf(form);
  const keys = noiseKeys([1, 2], 3, { streams: streams + shared, samples, firstSample: 0 });
  const each = tf.split(tf.tensor3d(keys, [streams + shared, samples, 2], 'int32'), streams + shared);
  return draw(
    parameters,
    each.map((key) => tf.reshape(key, [samples, 2])),
  ).dataSync<'float32'>();
}

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

describe('inference: forms of the posterior', () => {
  before(() => {
    backend();
  });

  const several = (values: number[]): tf.Tensor => tf.tensor1d(values);
  const parameters: FormParameters = {
    mean: several([0.3, -1]),
    logStd: several([-0.5, 0.2]),
    factors: [],
  };

  it("Student's t: draws have its mean, variance and tails", () => {
    const [df, samples] = [5, 40_000];
    const draws = drawsOf(posteriors.studentT({ df }), parameters, samples);
    for (const [i, [center, scale]] of [
      [0.3, Math.exp(-0.5)],
      [-1, Math.exp(0.2)],
    ].entries()) {
      const z = Array.from({ length: samples }, (_, s) => (draws[2 * s + i]! - center!) / scale!);
      // 4 standard errors: var t = df / (df - 2); its square has variance E t^4 - var^2 = 25 - 25/9
      assert.ok(Math.abs(mean(z)) < 4 * Math.sqrt(5 / 3 / samples));
      assert.ok(Math.abs(mean(z.map((t) => t * t)) - 5 / 3) < 4 * Math.sqrt((25 - 25 / 9) / samples));
      // P(|t| > 2.570582) = 0.05, P(|t| > 6.868827) = 0.001 (tables)
      for (const [quantile, tail] of [
        [2.570582, 0.05],
        [6.868827, 0.001],
      ] as const) {
        const beyond = mean(z.map((t) => (Math.abs(t) > quantile ? 1 : 0)));
        assert.ok(
          Math.abs(beyond - tail) < 4 * Math.sqrt((tail * (1 - tail)) / samples),
          `${quantile}: ${beyond}`,
        );
      }
    }
  });

  it("Student's t: the divergence from a normal prior is that of its draws", () => {
    const [df, samples] = [5, 40_000];
    const draws = drawsOf(posteriors.studentT({ df }), parameters, samples);
    const prior = priors.normal(0, 1.5);
    const got = formOf(posteriors.studentT({ df })).divergence(prior, parameters, one(1)).dataSync();
    const logT = (t: number): number =>
      Math.log(8 / (3 * Math.sqrt(5) * Math.PI)) - 3 * Math.log(1 + (t * t) / 5); // density of t(5)
    [0.3, -1].forEach((center, i) => {
      const scale = Math.exp([-0.5, 0.2][i]!);
      const terms = Array.from({ length: samples }, (_, s) => {
        const w = draws[2 * s + i]!;
        const logPrior = -0.5 * (w / 1.5) ** 2 - Math.log(1.5) - 0.5 * Math.log(2 * Math.PI);
        return logT((w - center) / scale) - Math.log(scale) - logPrior;
      });
      const [average, square] = [mean(terms), mean(terms.map((term) => term * term))];
      const error = Math.sqrt((square - average ** 2) / samples);
      assert.ok(Math.abs(got[i]! - average) < 4 * error, `${got[i]} and ${average} ± ${error}`);
    });
  });

  it("Student's t: an integrated divergence agrees with the closed form, to 1 % on the mean of the steps", () => {
    const form = formOf(posteriors.studentT({ df: 4 }));
    const closed = priors.normal(0, 1.5);
    const { name, logProb } = closed;
    const want = form.divergence(closed, parameters, one(1)).dataSync();
    const sums = [0, 0];
    for (let step = 1; step <= 20; step++) {
      const got = form.divergence({ name, logProb }, parameters, one(step)).dataSync();
      got.forEach((value, i) => (sums[i]! += value / 20));
    }
    sums.forEach((sum, i) =>
      assert.ok(Math.abs(sum - want[i]!) < 0.01 * Math.max(1, want[i]!), `${sum}, ${want[i]}`),
    );
  });

  const correlated: FormParameters = {
    mean: several([0.3, -1, 0.5]),
    logStd: several([-0.5, 0.2, -1]),
    factors: [several([0.5, -0.3, 0.2]), several([0.1, 0.4, 0])],
  };
  /** D + F F' */
  const covariance = [0, 1, 2].map((i) =>
    [0, 1, 2].map((j) => {
      const [f, g] = [[0.5, -0.3, 0.2], [0.1, 0.4, 0]] as const; // prettier-ignore
      return f[i]! * f[j]! + g[i]! * g[j]! + (i === j ? Math.exp(2 * [-0.5, 0.2, -1][i]!) : 0);
    }),
  );

  it('low rank: draws have its mean and covariance', () => {
    const samples = 40_000;
    const draws = drawsOf(posteriors.lowRank({ rank: 2 }), correlated, samples);
    const centered = (i: number): number[] =>
      Array.from({ length: samples }, (_, s) => draws[3 * s + i]! - [0.3, -1, 0.5][i]!);
    for (let i = 0; i < 3; i++) {
      const a = centered(i);
      assert.ok(Math.abs(mean(a)) < 4 * Math.sqrt(covariance[i]![i]! / samples));
      for (let j = 0; j <= i; j++) {
        const b = centered(j);
        const got = mean(a.map((value, s) => value * b[s]!));
        const error = Math.sqrt(
          (covariance[i]![i]! * covariance[j]![j]! + covariance[i]![j]! ** 2) / samples,
        );
        assert.ok(Math.abs(got - covariance[i]![j]!) < 4 * error, `${i}, ${j}: ${got}`);
      }
    }
  });

  it('low rank: the divergence is that of multivariate normal distributions', () => {
    const form = formOf(posteriors.lowRank({ rank: 2 }));
    const parts = form.divergence(priors.normal(0, 2), correlated, one(1)).dataSync<'float32'>();
    // in two pieces: the coupling sees all of them
    const pieces = [0, 1].map((piece): FormParameters => {
      const cut = (x: tf.Tensor): tf.Tensor => (piece === 0 ? tf.slice(x, [0], [1]) : tf.slice(x, [1], [2]));
      const { mean, logStd, factors } = correlated;
      return { mean: cut(mean), logStd: cut(logStd), factors: factors.map(cut) };
    });
    const got = parts.reduce((a, b) => a + b) + form.coupling!(pieces).dataSync()[0]!;
    const [[a, b, c], [, d, e], [, , f]] = covariance as [number[], number[], number[]];
    const det = a! * (d! * f! - e! * e!) - b! * (b! * f! - c! * e!) + c! * (b! * e! - c! * d!);
    const squares = 0.3 ** 2 + 1 + 0.5 ** 2;
    const want = 0.5 * ((a! + d! + f! + squares) / 4 - 3 + 3 * Math.log(4) - Math.log(det));
    assert.ok(Math.abs(got - want) < 1e-5, `${got}, ${want}`);
  });
});

describe('inference: vi with a form of its own', () => {
  const forms = [posteriors.studentT({ df: 5 }), posteriors.lowRank({ rank: 2 })];
  const settings = (posterior: PosteriorForm) => ({
    method: vi({ samples: 6, posterior }),
    optimizer: adam(1e-2),
    epochs: 20,
  });

  for (const form of forms) {
    it(`${form.name}: learns the same on any mesh, and reports the same divergence`, async () => {
      const divergences: number[][] = [];
      await assertSameOnMeshes(
        async (given) => {
          const run = fitClouds({ ...settings(form), ...given });
          const posterior = await run.done;
          divergences.push(run.history.kl);
          return posterior;
        },
        [[2, 1], [1, 2], [3, 1]], // prettier-ignore
        2e-5,
      );
      const [alone, ...others] = divergences;
      for (const each of others) each.forEach((kl, i) => assert.ok(Math.abs(kl - alone![i]!) < 1e-3 * kl));
    });
  }

  it('low rank finds the correlation of a conjugate posterior, which mean field cannot', async () => {
    // y = a + b x with x around 2: intercept and slope are strongly correlated
    const [rows, noise, std] = [30, 0.5, 1];
    const x = Float32Array.from(normals(keyOf(3), rows), (z) => 2 + 0.5 * z);
    const eps = normals(keyOf(4), rows);
    const y = x.map((value, i) => 0.4 * value + 0.3 + noise * eps[i]!);
    const total = (f: (v: number) => number): number => x.reduce((sum, v) => sum + f(v), 0) / noise ** 2;
    const [p, q, r] = [total((v) => v * v) + std ** -2, total((v) => v), total(() => 1) + std ** -2];
    const det = p * r - q * q;
    const exact = { kernel: r / det, bias: p / det, both: -q / det };
    const learn = (posterior: PosteriorForm) =>
      fit(
        sequential([dense({ units: 1 })]),
        { x: ndarray(x, [rows, 1]), y: ndarray(y, [rows, 1]) },
        {
          ...options(),
          likelihood: likelihoods.gaussian({ noise }),
          method: vi({ samples: 32, posterior, prior: priors.normal(0, std), estimator: 'weights' }),
          optimizer: adam(3e-3),
          batchSize: rows,
          epochs: 4000,
        },
      ).done;
    const { variables } = await learn(posteriors.lowRank({ rank: 1 }));
    const of = (name: string): number => variables.get(`0.dense.${name}`)![0]!;
    const variance = (name: string): number =>
      Math.exp(2 * of(`${name}.logStd`)) + of(`${name}.factor.0`) ** 2;
    assert.ok(
      Math.abs(variance('kernel') / exact.kernel - 1) < 0.15,
      `${variance('kernel')}, ${exact.kernel}`,
    );
    assert.ok(Math.abs(variance('bias') / exact.bias - 1) < 0.15, `${variance('bias')}, ${exact.bias}`);
    const both = of('kernel.factor.0') * of('bias.factor.0');
    assert.ok(Math.abs(both / exact.both - 1) < 0.15, `${both}, ${exact.both}`);
    // mean field matches the precisions instead: much too narrow
    const narrow = (await learn(posteriors.normal())).variables;
    const own = Math.exp(2 * narrow.get('0.dense.bias.logStd')![0]!);
    assert.ok(Math.abs(own * r - 1) < 0.15, `${own}, ${1 / r}`);
    assert.ok(own < 0.2 * exact.bias);
  });

  it('refuses estimators that take weights for normal and independent', () => {
    refuses(
      () => vi({ posterior: posteriors.studentT(), estimator: 'local' }),
      'E_OPTION',
      /estimator 'local' needs weights that are normal and independent/,
    );
    refuses(() => posteriors.studentT({ df: 2 }), 'E_OPTION', /posteriors.studentT: option 'df'/);
    refuses(() => posteriors.lowRank({ rank: 17 }), 'E_OPTION', /at most 16/);
  });
});
