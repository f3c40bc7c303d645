/** What is predicted with the likelihoods that are neither categorical nor Gaussian: by hand, and learned from data. */
import assert from 'node:assert/strict';
import { likelihoods, priors } from '../../../lib/distributions';
import type { Kind, Likelihood } from '../../../lib/distributions/likelihood';
import { fit, type FitOptions } from '../../../lib/fit';
import { binary, quantiles, regression } from '../../../lib/inference/posterior/prediction';
import { vi } from '../../../lib/inference/vi';
import { dense } from '../../../lib/layers';
import { ndarray } from '../../../lib/ndarray';
import { adam } from '../../../lib/optimizers';
import { load } from '../../../lib/runs';
import { show } from '../../../lib/show';
import { atOnce } from '../../../lib/inference/posterior/bySteps';
import { evaluating } from '../../../lib/show/evaluate';
import { foldIn, keyOf, normals, uniforms } from '../../../lib/threefry';
import { assertClose } from '../../golden';
import { refuses } from '../../refuses';
import '../../problems';

const stack = (values: number[], ...shape: number[]) => ndarray(Float32Array.from(values), shape);
const entropy = (p: number): number => -p * Math.log(p) - (1 - p) * Math.log(1 - p);

describe('inference: predictions of yes-or-no questions', () => {
  it('average probabilities, and split the entropy of each answer', () => {
    const { mean, total, aleatoric, epistemic, samples } = binary(stack([0.1, 0.5, 0.9, 0.5], 2, 1, 2));
    assert.deepEqual(
      [mean.shape, total.shape, samples.shape],
      [
        [1, 2],
        [1, 2],
        [2, 1, 2],
      ],
    );
    assertClose(mean, [0.5, 0.5], 1e-6);
    assertClose(total, [Math.LN2, Math.LN2], 1e-6);
    assertClose(aleatoric, [entropy(0.1), Math.LN2], 1e-6);
    assertClose(epistemic, [Math.LN2 - entropy(0.1), 0], 1e-6);
  });
});

describe('inference: predictions of quantiles', () => {
  it('are sorted in each sample, averaged, and spread', () => {
    const { mean, epistemic, samples, levels } = quantiles(stack([1, 3, 6, 4], 2, 1, 2), [0.1, 0.9]);
    assert.deepEqual(
      [levels, mean.shape, epistemic.shape],
      [
        [0.1, 0.9],
        [1, 2],
        [1, 2],
      ],
    );
    assertClose(samples, [1, 3, 4, 6], 0);
    assertClose(mean, [2.5, 4.5], 1e-6);
    assertClose(epistemic, [1.5, 1.5], 1e-6);
  });
});

describe('inference: predictions of a regression whose targets are not normal', () => {
  it('have the quantiles of the likelihood, from all samples of a datum and target', () => {
    const rates = stack([1, 10, 3, 30], 2, 1, 2);
    const { quantile, total, epistemic } = regression(rates, rates, likelihoods.poisson().quantile);
    // P(Y <= 1) = (2 exp(-1) + 4 exp(-3)) / 2 = 0.467, P(Y <= 2) = (2.5 exp(-1) + 8.5 exp(-3)) / 2 = 0.671
    assert.equal(quantile(0.5)[0], 2);
    assert.equal(quantile(0.46)[0], 1);
    assert.ok(quantile(0.5)[1]! > 10 && quantile(0.5)[1]! < 30);
    assertClose(epistemic, [1, 10], 1e-6);
    assertClose(total, [Math.sqrt(2 + 1), Math.sqrt(20 + 100)], 1e-6);
    refuses(() => quantile(1.5), 'E_OPTION', /quantile: level/);
  });
});

const ROWS = 400;
const noise = (stream: number) => foldIn(keyOf(23), stream);
const x = Float32Array.from(uniforms(noise(0), ROWS), (u) => 2 * u - 1);
const chance = uniforms(noise(1), ROWS);
const bell = normals(noise(2), ROWS);
const line = [-0.5, 0, 0.5];

/** A linear model of one input and, by default, one output, learned from ROWS data. */
function learned<K extends Kind>(
  likelihood: Likelihood<K>,
  y: ArrayLike<number>,
  given: { units?: number; options?: Partial<FitOptions<K>> } = {},
) {
  const train = { x, y: Float32Array.from(y) };
  return fit(dense({ units: given.units ?? 1 }), train, {
    likelihood,
    method: vi({ samples: 4, prior: priors.normal(0, 3) }),
    optimizer: adam(0.03),
    batchSize: ROWS,
    epochs: 400,
    devices: 1,
    seed: 2,
    ...given.options,
  });
}

describe('inference: learning with each likelihood', () => {
  it('bernoulli: the probabilities that made the answers, to 0.1', async () => {
    const p = (x: number): number => 1 / (1 + Math.exp(-3 * x));
    const y = x.map((x, i) => Number(chance[i]! < p(x)));
    const run = learned(likelihoods.bernoulli(), y);
    const posterior = await run.done;
    assertClose(posterior.predict(line).mean, line.map(p), 0.1);
    assert.deepEqual(load(run.id).config.likelihood, { name: 'bernoulli', kind: 'binary' });
    const data = { x: ndarray(x, [ROWS, 1]), y: ndarray(y, [ROWS]) };
    const { figures, metrics } = atOnce(evaluating('binary', posterior, { data, name: 'data' }, 16));
    assert.match(figures[0]!.title, /Calibration on data/);
    assert.ok(metrics['accuracy']! > 0.7 && metrics['ece']! < 0.15 && metrics['held-out nll']! < 0.6);
  });

  it('poisson: the rates that made the counts, to a tenth', async () => {
    const rate = (x: number): number => Math.exp(1 + x);
    const y = x.map((x, i) =>
      likelihoods.poisson().quantile!(chance[i]!, Float64Array.of(rate(x)), Float64Array.of(0)),
    );
    const { mean, quantile } = (await learned(likelihoods.poisson(), y).done).predict(line);
    line.forEach((x, i) => assertClose(mean[i]! / rate(x), 1, 0.1));
    assert.ok(quantile(0.9).every((count) => Number.isInteger(count)));
  });

  it('student t: the line, though one datum in ten is far off', async () => {
    const y = x.map((x, i) => 0.5 + 2 * x + 0.1 * bell[i]! + (i % 10 === 0 ? 20 : 0));
    const robust = (await learned(likelihoods.studentT({ df: 3 }), y).done).predict(line);
    assertClose(robust.mean, [-0.5, 0.5, 1.5], 0.1);
    const pulled = (await learned(likelihoods.gaussian(), y).done).predict(line);
    assert.ok(pulled.mean[1]! > 1.5, `the Gaussian one is at ${pulled.mean[1]}`);
  });

  it('quantile: those of skewed noise, to 0.15, and a band of them', async () => {
    const levels = [0.1, 0.5, 0.9];
    const y = x.map((x, i) => x - Math.log(1 - chance[i]!)); // exponential noise: quantiles -log(1 - level)
    const posterior = await learned(likelihoods.quantile({ levels }), y, { units: 3 }).done;
    const { mean } = posterior.predict(line);
    const want = line.flatMap((x) => levels.map((level) => x - Math.log(1 - level)));
    assertClose(mean, want, 0.15);
    const data = { x: ndarray(x, [ROWS, 1]), y: ndarray(Float32Array.from(y), [ROWS, 1]) };
    const { figures, metrics } = atOnce(evaluating('quantiles', posterior, { data, name: 'data' }, 16));
    assert.match(JSON.stringify(figures[0]), /80 %/);
    assert.match(JSON.stringify(show.bands(line, posterior.predict(line)).figures[0]), /80 %/);
    refuses(() => show.bands(line, posterior.predict(line), { target: 1 }), 'E_OPTION', /no target 1/);
    assert.ok(metrics['pinball']! > 0.1 && metrics['pinball']! < 0.4);
  });

  it('a predictive objective is refused for quantiles, which have no mixture', () => {
    const options = { method: vi({ objective: 'predictive' }) };
    refuses(
      () => learned(likelihoods.quantile({ levels: [0.5] }), x, { options }),
      'E_OPTION',
      /quantile \(levels 0\.5\) has none: use vi\(\{ objective: 'elbo' \}\)/,
    );
  });
});

describe('inference: an integrated divergence, with warm-up, on a mesh', () => {
  it('makes the same steps on four workers as on one', async () => {
    const method = vi({ samples: 4, prior: priors.scaleMixture({ sigma2: 0.1 }), klWeight: { steps: 10 } });
    const y = x.map((x) => Number(x > 0.2));
    const variables = async (given: Partial<FitOptions<'binary'>>) => {
      const run = learned(likelihoods.bernoulli(), y, { options: { method, epochs: 20, ...given } });
      return [...(await run.done).variables.values()].flatMap((values) => [...values]);
    };
    const [one, four] = [
      await variables({}),
      await variables({ devices: 4, strategy: { sample: 2, data: 2 } }),
    ];
    assertClose(four, one, 1e-5);
  });
});
