import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { likelihoods, priors } from '../../../lib/distributions';
import { fit, type FitOptions } from '../../../lib/fit';
import { hmc } from '../../../lib/inference/chains/hmc';
import type { Method } from '../../../lib/inference/method';
import { nuts } from '../../../lib/inference/chains/nuts';
import type { Posterior } from '../../../lib/inference/posterior/posterior';
import { vi } from '../../../lib/inference/vi';
import { dense, dropout } from '../../../lib/layers';
import { sequential } from '../../../lib/layers/sequential';
import { mcse, rhat } from '../../../lib/metrics';
import { ndarray, type NdArray } from '../../../lib/ndarray';
import { adam } from '../../../lib/optimizers';
import { resume } from '../../../lib/resume';
import { keyOf, normals } from '../../../lib/threefry';
import { golden } from '../../golden';
import { clouds } from '../../problems';
import { refuses } from '../../refuses';
import { steps } from '../../wait';

const meanOf = (values: NdArray): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function assertMean(values: NdArray, want: number, what: string): void {
  const [got, error] = [meanOf(values), mcse(values)];
  assert.ok(Math.abs(got - want) < 4 * error, `${what}: ${got}, want ${want} ± ${error}`);
  assert.ok(rhat(values) < 1.02, `${what}: R-hat ${rhat(values)}`);
}

interface Inputs {
  X: number[][];
  y: number[];
  prior_precision: number;
  noise_precision: number;
}
interface Expected {
  posterior_mean: number[];
  posterior_cov: number[][];
}

describe('inference: chains find the posterior of a conjugate model to 4 Monte Carlo standard errors', () => {
  const settings = { warmup: 300, draws: 1000 };
  const cases = golden<Inputs, Expected>('inference', 'bayesian_linear_regression');
  for (const { name, inputs, expected } of cases) {
    for (const [kind, method] of [
      ['nuts', nuts],
      ['hmc', hmc],
    ] as const) {
      it(`${kind}: inference.json ${name}`, async () => {
        const { X, y, prior_precision, noise_precision } = inputs;
        const run = fit(
          dense({ units: 1, bias: false }),
          { x: X, y },
          {
            likelihood: likelihoods.gaussian({ noise: noise_precision ** -0.5 }),
            method: method({ ...settings, prior: priors.normal(0, prior_precision ** -0.5) }),
            devices: 1,
          },
        );
        const posterior = await run.done;
        const weights = expected.posterior_mean.map((_, i) => posterior.chain('kernel', i));
        expected.posterior_mean.forEach((want, i) => {
          assertMean(weights[i]!, want, `mean ${i}`);
          expected.posterior_cov[i]!.forEach((covariance, j) => {
            const off = (k: number, draw: number): number => weights[k]![draw]! - expected.posterior_mean[k]!;
            const products = weights[i]!.map((_, draw) => off(i, draw) * off(j, draw));
            assertMean(ndarray(products, weights[i]!.shape), covariance, `covariance ${i}, ${j}`);
          });
        });
      });
    }
  }
});

describe('inference: chains and what the prior of the weights is not for', () => {
  it('sample the noise of the likelihood with the weights: the means of a density that is integrated on a grid', async () => {
    const rows = 12;
    const y = normals(keyOf(3), rows).map((value) => 1 + 0.6 * value);
    const run = fit(
      dense({ units: 1, bias: false }),
      { x: ndarray(new Float32Array(rows).fill(1), [rows, 1]), y: ndarray(Float32Array.from(y), [rows, 1]) },
      {
        likelihood: likelihoods.gaussian(),
        method: nuts({ warmup: 300, draws: 1500, prior: priors.normal(0, 2) }),
        devices: 1,
      },
    );
    const posterior = await run.done;
    const start = Math.log(0.5);
    let [total, weight, logNoise] = [0, 0, 0];
    for (let w = -4; w < 6; w += 0.01) {
      for (let s = -3; s < 3; s += 0.01) {
        const misfit = y.reduce((sum, value) => sum + (value - w) ** 2, 0);
        const logP = -misfit / (2 * Math.exp(2 * s)) - rows * s - w ** 2 / 8 - (s - start) ** 2 / 18;
        const p = Math.exp(logP);
        total += p;
        weight += p * w;
        logNoise += p * s;
      }
    }
    assertMean(posterior.chain('kernel', 0), weight / total, 'weight');
    assertMean(posterior.chain('likelihood.logNoise', 0), logNoise / total, 'logNoise');
  });
});

const small = sequential([dense({ units: 3, activation: 'tanh' }), dense({ units: 2 })]);

const fitSmall = (method: Method, given: Partial<FitOptions<'classification'>> = {}) =>
  fit(small, clouds.train, { likelihood: clouds.likelihood, method, devices: 1, seed: 3, ...given });

const numbers = (posterior: Posterior): Float32Array[] => [...posterior.variables.values()];

describe('inference: a run of chains', () => {
  let folder: string;
  const before = process.env['CREDENCE_RUNS'];
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'credence-chains-'));
    process.env['CREDENCE_RUNS'] = folder;
  });
  afterEach(() => {
    process.env['CREDENCE_RUNS'] = before;
    rmSync(folder, { recursive: true, force: true });
  });

  it('gives draws, chain after chain, that predict, and says how it went', async () => {
    const run = fitSmall(nuts({ chains: 3, warmup: 100, draws: 50 }));
    const posterior = await run.done;
    assert.equal(run.step, 150);
    const kernel = posterior.variables.get('0.dense.kernel')!;
    assert.deepEqual(kernel.shape, [150, 2, 3]);
    const chains = posterior.chain('0.dense.kernel');
    assert.deepEqual([chains.shape, chains], [[3, 50, 2, 3], ndarray(kernel.slice(), [3, 50, 2, 3])]);
    const { stepSize, acceptance, depth, steps: gradients, warning } = posterior.diagnostics;
    assert.deepEqual([stepSize.shape, acceptance.shape], [[3], [3, 50]]);
    assert.ok(meanOf(acceptance) > 0.7 && meanOf(acceptance) < 0.99, `${meanOf(acceptance)}`);
    assert.ok(gradients.every((count, i) => count >= 2 ** depth[i]! - 1 && depth[i]! >= 1));
    assert.equal(warning, undefined);
    assert.equal(run.notice, undefined);
    assert.match(
      posterior.toString(),
      /3 chains of 50 draws, acceptance 0[.]\d+, step size 0?[.]?\d+, .*\d+ gradients a draw/,
    );
    const { samples, mean } = posterior.predict(clouds.train.x, { samples: 1000 });
    assert.equal(samples.shape[0], 150);
    assert.ok(Math.abs(mean[0]! + mean[1]! - 1) < 1e-5);
    // the losses are those of the chains' last positions
    const last = [0, 1, 2].map((chain) => samples.subarray((chain * 50 + 49) * 120, (chain * 50 + 50) * 120));
    const nll = last.map(
      (p) => clouds.train.y.reduce((sum, label, i) => sum - Math.log(p[2 * i + label]!), 0) / 60,
    );
    const want = nll.reduce((a, b) => a + b) / 3;
    assert.ok(Math.abs(run.history.nll.at(-1)! - want) < 1e-5, `${run.history.nll.at(-1)}, ${want}`);
  });

  it('warns of iterations that diverged, and says what to do', async () => {
    const run = fitSmall(hmc({ stepSize: 50, steps: 5, warmup: 5, draws: 20 }));
    const { diagnostics } = await run.done;
    assert.ok(diagnostics.divergent.every((value) => value === 1));
    assert.match(run.notice!, /^80 of 80 iterations diverged: .* Try a smaller stepSize than 50/);
    assert.equal(diagnostics.warning, run.notice);
    const cut = fitSmall(nuts({ stepSize: 1e-4, maxTreeDepth: 2, warmup: 1, draws: 5 }));
    await cut.done;
    assert.match(cut.notice!, /20 of 20 trajectories were cut at maxTreeDepth 2/);
  });

  it('that is stopped keeps the draws so far, and goes on to the bits of an undisturbed one', async () => {
    const method = nuts({ chains: 2, warmup: 60, draws: 400 });
    const undisturbed = await fitSmall(method).done;
    const run = fitSmall(method);
    await steps(run, 100);
    run.stop();
    const part = await run.done;
    const { shape } = part.variables.get('0.dense.kernel')!;
    assert.ok(run.step < 460, 'it was stopped in time');
    assert.equal(shape[0], 2 * (run.step - 60));
    const again = resume(run.id);
    assert.deepEqual(numbers(await again.done), numbers(undisturbed));
    assert.deepEqual(again.step, 460);
  });

  it('shows where the chains are while they warm up', async () => {
    const run = fitSmall(hmc({ chains: 2, warmup: 100_000, draws: 10 }));
    await steps(run, 5);
    const { variables } = await run.snapshot();
    assert.deepEqual(variables.get('0.dense.kernel')!.shape, [2, 2, 3]);
    run.stop();
    await run.done;
  });

  it('refuses what does not apply to it', () => {
    const refused = [
      [{ epochs: 3 }, /'epochs' does not apply to nuts/],
      [{ optimizer: adam() }, /'optimizer' does not apply/],
      [{ batchSize: 3 }, /'batchSize' does not apply/],
      [{ strategy: 'data' }, /each Markov chain needs all data/],
      [{ strategy: { sample: 2, data: 2 }, devices: 'all' }, /each Markov chain needs all data/],
      [{ devices: 5 }, /5 workers cannot share 4 samples/],
    ] as const;
    for (const [given, says] of refused) refuses(() => fitSmall(nuts(), given), 'E_OPTION', says);
    const noisy = sequential([dense({ units: 2 }), dropout({ rate: 0.1 })]);
    refuses(
      () => fit(noisy, clouds.train, { likelihood: clouds.likelihood, method: nuts() }),
      'E_OPTION',
      /nuts needs a model that is the same function in each step.*dropout/,
    );
    refuses(() => hmc({ steps: 3, pathLength: 2 }), 'E_OPTION', /steps and pathLength say the same/);
    refuses(() => nuts({ targetAccept: 1 }), 'E_OPTION', /'targetAccept' must be a number between 0 and 1/);
    refuses(() => nuts({ maxTreeDepth: 30 }), 'E_OPTION', /'maxTreeDepth' must be at most 20/);
  });

  it('has diagnostics where other methods have none', async () => {
    const posterior = await fitSmall(vi({ samples: 2 }), { epochs: 1 }).done;
    refuses(() => posterior.diagnostics, 'E_OPTION', /only of hmc\(\) and nuts\(\)/);
  });
});
