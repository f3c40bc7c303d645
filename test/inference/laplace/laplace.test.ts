import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { likelihoods, priors } from '../../../lib/distributions';
import type { Kind, Likelihood } from '../../../lib/distributions/likelihood';
import { fit } from '../../../lib/fit';
import { datumGradients } from '../../../lib/inference/laplace/jacobian';
import { laplace, type LaplaceOptions } from '../../../lib/inference/laplace/laplace';
import type { Posterior } from '../../../lib/inference/posterior/posterior';
import { dense } from '../../../lib/layers';
import { ndarray } from '../../../lib/ndarray';
import { adam, sgd } from '../../../lib/optimizers';
import { assertClose, golden } from '../../golden';
import { clouds, curves, fitClouds } from '../../problems';
import { refuses } from '../../refuses';
import { prepared } from './networks';

/** Q diag(std^2) Q': what a full posterior says of the weights. */
function covarianceOf({ variables }: Posterior): number[][] {
  const std = variables.get('laplace.std')!;
  const basis = variables.get('laplace.basis')!;
  const all = [...std.keys()];
  const n = all.length;
  return all.map((i) =>
    all.map((j) => all.reduce((sum, k) => sum + basis[i * n + k]! * std[k]! ** 2 * basis[j * n + k]!, 0)),
  );
}

/** What the posterior prints: 'log evidence -8.47184'. */
function said(posterior: Posterior, what: string): number {
  const line = String(posterior)
    .split('\n')
    .find((each) => each.includes(what));
  assert.ok(line, `${String(posterior)} does not say ${what}`);
  return Number(/-?[\d.]+(e[+-]?\d+)?/.exec(line)![0]);
}

interface Regression {
  X: number[][];
  y: number[];
  X_new: number[][];
  prior_precision: number;
}

/** A model that is linear in its weights, trained on all data until it stands still. */
const linear = <K extends Kind>(
  { X, y, prior_precision }: Regression,
  likelihood: Likelihood<K>,
  { units = 1, rate = 0.1, ...given }: LaplaceOptions & { units?: number; rate?: number } = {},
): Promise<Posterior<K>> =>
  fit(
    dense({ units, bias: false }),
    { x: X, y },
    {
      likelihood,
      method: laplace({ structure: 'full', prior: priors.normal(0, prior_precision ** -0.5), ...given }),
      optimizer: sgd(rate),
      batchSize: y.length,
      epochs: 3000,
      devices: 1,
      save: false,
    },
  ).done;

const moments = (values: readonly number[]): [mean: number, variance: number] => {
  const mean = values.reduce((a, b) => a + b) / values.length;
  return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length];
};

/** What each draw says in one place of `size`. */
const drawsOf = (samples: ArrayLike<number>, place: number, size: number): number[] =>
  Array.from({ length: samples.length / size }, (_, s) => samples[s * size + place]!);

/** Asserts moments of 4000 draws: within 5 standard errors. */
function assertMoments(draws: readonly number[], mean: number, variance: number, what: string): void {
  const [got, spread] = moments(draws);
  const error = Math.sqrt(variance / draws.length);
  assert.ok(Math.abs(got - mean) <= 5 * error + 1e-3, `${what}: mean ${got}, want ${mean} ± ${error}`);
  assert.ok(Math.abs(spread / variance - 1) < 0.12, `${what}: variance ${spread}, want ${variance}`);
}

describe('inference: laplace of a model that is linear and normal is the exact posterior', () => {
  const cases = golden<
    Regression & { noise_precision: number },
    {
      posterior_mean: number[];
      posterior_cov: number[][];
      log_evidence: number;
      predictive_mean: number[];
      epistemic_variance: number[];
    }
  >('inference', 'bayesian_linear_regression');
  for (const { name, inputs, expected, tolerance_f32 } of cases) {
    it(`inference.json ${name}: mean, covariance, evidence, moments of 4000 draws`, async () => {
      const likelihood = likelihoods.gaussian({ noise: inputs.noise_precision ** -0.5 });
      const posterior = await linear(inputs, likelihood, { rate: 0.05 });
      assertClose(posterior.variables.get('kernel'), expected.posterior_mean, tolerance_f32, 'mean');
      assertClose(covarianceOf(posterior), expected.posterior_cov, tolerance_f32, 'covariance');
      assertClose(said(posterior, 'log evidence'), expected.log_evidence, tolerance_f32, 'evidence');
      const { samples } = posterior.predict(inputs.X_new, { samples: 4000 });
      expected.predictive_mean.forEach((mean, i) => {
        const draws = drawsOf(samples, i, inputs.X_new.length);
        assertMoments(draws, mean, expected.epistemic_variance[i]!, `at ${i}`);
      });
    });
  }
});

describe('inference: laplace of a logistic regression', () => {
  const cases = golden<
    Regression,
    {
      map: number[];
      covariance: number[][];
      logit_mean: number[];
      logit_variance: number[];
      log_marginal_likelihood: number;
    }
  >('inference', 'laplace_logistic_binary');
  for (const { name, inputs, expected, tolerance_f32 } of cases) {
    it(`inference.json ${name}: mode, covariance, evidence, moments of the logits of 4000 draws`, async () => {
      const posterior = await linear(inputs, likelihoods.bernoulli(), { rate: 0.5 });
      assertClose(posterior.variables.get('kernel'), expected.map, tolerance_f32, 'mode');
      assertClose(covarianceOf(posterior), expected.covariance, tolerance_f32, 'covariance');
      const evidence = said(posterior, 'log evidence');
      assertClose(evidence, expected.log_marginal_likelihood, tolerance_f32, 'evidence');
      const { samples } = posterior.predict(inputs.X_new, { samples: 4000 });
      expected.logit_mean.forEach((mean, i) => {
        const variance = expected.logit_variance[i]!;
        if (variance === 0 || variance > 10) return; // a probability of 1 has no logit in single precision
        const logits = drawsOf(samples, i, inputs.X_new.length).map((p) => Math.log(p / (1 - p)));
        assertMoments(logits, mean, variance, `at ${i}`);
      });
    });
  }
});

describe('inference: laplace of a softmax regression', () => {
  const cases = golden<
    Regression & { classes: number },
    { map: number[][]; posterior_cov: number[][]; log_marginal_likelihood: number }
  >('inference', 'laplace_softmax');
  for (const { name, inputs, expected, tolerance_f32 } of cases) {
    it(`inference.json ${name}: mode, covariance, evidence`, async () => {
      const { classes } = inputs;
      const features = inputs.X[0]!.length;
      const options = { units: classes, rate: 0.3 };
      const posterior = await linear(inputs, likelihoods.categorical(), options);
      // weights there are [C, D], here [D, C]
      const order = Array.from({ length: classes * features }, (_, i) => {
        const [c, d] = [Math.floor(i / features), i % features];
        return d * classes + c;
      });
      const kernel = posterior.variables.get('kernel')!;
      const covariance = covarianceOf(posterior);
      assertClose(
        order.map((i) => kernel[i]!),
        expected.map,
        tolerance_f32,
        'mode',
      );
      assertClose(
        order.map((i) => order.map((j) => covariance[i]![j]!)),
        expected.posterior_cov,
        tolerance_f32,
        'covariance',
      );
      const evidence = said(posterior, 'log evidence');
      assertClose(evidence, expected.log_marginal_likelihood, tolerance_f32, 'evidence');
    });
  }
});

describe('inference: laplace', () => {
  const settings = { optimizer: adam(1e-2), epochs: 20, save: false };
  const learn = (given: LaplaceOptions = {}) => fitClouds({ ...settings, method: laplace(given) }).done;

  it('takes the precision of most evidence, which the evidence falls away from on both sides', async () => {
    const { inputs } = golden<Regression & { noise_precision: number }>(
      'inference',
      'bayesian_linear_regression',
    )[0]!;
    const likelihood = likelihoods.gaussian({ noise: inputs.noise_precision ** -0.5 });
    // the mode is that of this prior, whatever precision is taken
    const posterior = await linear(inputs, likelihood, { precision: 'marginal likelihood', rate: 0.05 });
    const precision = said(posterior, 'prior precision');
    const most = said(posterior, 'log evidence');
    const ofPrior = said(await linear(inputs, likelihood, { rate: 0.05 }), 'log evidence');
    assert.ok(most > ofPrior, `${most} at ${precision}, ${ofPrior} at ${inputs.prior_precision}`);
    // MacKay's condition: weights determined = precision |mode|^2
    const mode = posterior.variables.get('kernel')!;
    const distance = mode.reduce((sum, w) => sum + w * w, 0);
    assertClose(said(posterior, 'determined'), precision * distance, 5e-3, 'weights determined');
  });

  it('multiplies the covariance by the temperature', async () => {
    const [warm, cold] = [
      await learn({ structure: 'full' }),
      await learn({ structure: 'full', temperature: 0.25 }),
    ];
    const want = warm.variables.get('laplace.std')!.map((std) => std / 2);
    assertClose(cold.variables.get('laplace.std'), [...want], 1e-6);
  });

  it('is the mode, one draw, while it trains', async () => {
    const run = fitClouds({ ...settings, method: laplace(), epochs: 1e7 });
    const live = await run.snapshot();
    assert.equal(live.predict(clouds.train.x).samples.shape[0], 1);
    run.stop();
    const posterior = await run.done;
    assert.equal(posterior.predict(clouds.train.x).samples.shape[0], 64);
  });

  it('predicts the same by draws and linearised, where outputs are linear in the weights', async () => {
    const { x } = clouds.train;
    const [drawn, linearised] = [await learn(), await learn({ predictive: 'linearised' })];
    assertClose(linearised.predict(x).samples, [...drawn.predict(x).samples], 1e-4);
  });

  it('draws tangents to a network: means are those of the mode, variances those of its derivatives', async () => {
    const { model, likelihood, train } = curves;
    const posterior = await fit(model, train, {
      ...settings,
      likelihood,
      method: laplace({ over: 'all', structure: 'full' }),
      batchSize: 60,
      devices: 1,
    }).done;
    const x = train.x.slice(0, 6);
    const { samples } = posterior.predict(ndarray(x, [3, 2]), { samples: 4000 });
    const { net } = prepared(model, likelihood, [2], [2]);
    const covariance = tf.tensor2d(covarianceOf(posterior));
    const mode = net.weights.map(({ name }) => tf.tensor2d([[...posterior.variables.get(name)!]]));
    const input = tf.tensor2d(x, [3, 2]);
    const means = net.outputs(mode, tf.expandDims(input, 0)).dataSync();
    const units = tf.tile(tf.expandDims(tf.eye(2), 0), [3, 1, 1]);
    const jacobian = datumGradients(net, mode, [...mode.keys()], input, units);
    const variances = tf.sum(tf.mul(tf.matMul(jacobian, covariance), jacobian), 1).dataSync();
    means.forEach((mean, i) => assertMoments(drawsOf(samples, i, 6), mean, variances[i]!, `output ${i}`));
  });

  it('learns the same on any mesh', async () => {
    const given = { method: laplace({ over: 'all', structure: 'diagonal' }) };
    const want = await fitClouds({ ...settings, ...given }).done;
    for (const strategy of [
      { sample: 1, data: 2 },
      { sample: 1, data: 3 },
    ]) {
      const got = await fitClouds({ ...settings, ...given, strategy, devices: 'all' }).done;
      for (const [name, values] of want.variables)
        assertClose(got.variables.get(name), [...values], 1e-5, name);
    }
  });

  it('refuses what is not normal around the mode, and says what to do', () => {
    const build = (given: LaplaceOptions, likelihood: Likelihood<Kind> = clouds.likelihood) =>
      laplace(given).build({
        model: clouds.model,
        likelihood,
        optimizer: sgd(),
        inputShape: [2],
        targetShape: [],
        size: 60,
        steps: 10,
        stepsPerEpoch: 3,
      });
    refuses(() => build({ prior: priors.laplace(0, 1) }), 'E_OPTION', /must be normal/);
    refuses(() => build({}, likelihoods.studentT()), 'E_OPTION', /no curvature of the student t/);
    refuses(() => laplace({ over: 'first' as 'last' }), 'E_OPTION', /laplace: option 'over'/);
  });
});
