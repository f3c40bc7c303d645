import assert from 'node:assert/strict';
import { likelihoods, priors } from '../../lib/distributions';
import type { Prior } from '../../lib/distributions/prior';
import { fit } from '../../lib/fit';
import type { EstimatorName } from '../../lib/inference/families/estimators';
import { vi } from '../../lib/inference/vi';
import { dense } from '../../lib/layers';
import { adam } from '../../lib/optimizers';
import { keyOf, normals } from '../../lib/threefry';
import { golden } from '../golden';
import '../problems';

interface Inputs {
  X: number[][];
  y: number[];
  prior_precision: number;
  noise_precision: number;
}
interface Expected {
  posterior_mean: number[];
  posterior_precision: number[][];
}

/** Bayesian linear regression, whose posterior is known: one layer without bias, known noise. */
async function linearRegression(
  { X, y, prior_precision, noise_precision }: Inputs,
  estimator: EstimatorName,
  prior: Prior = priors.normal(0, prior_precision ** -0.5),
) {
  const run = fit(
    dense({ units: 1, bias: false }),
    { x: X, y },
    {
      likelihood: likelihoods.gaussian({ noise: noise_precision ** -0.5 }),
      method: vi({ samples: 32, estimator, prior }),
      optimizer: adam(5e-3),
      batchSize: y.length,
      epochs: 1500,
      devices: 1,
    },
  );
  const { variables } = await run.done;
  return { mean: variables.get('kernel.mean')!, std: variables.get('kernel.logStd')!.map(Math.exp) };
}

/** The best factorised normal has the means of the exact posterior, and its conditional variances. */
function checkMeanField(
  { mean, std }: { mean: ArrayLike<number>; std: ArrayLike<number> },
  { posterior_mean, posterior_precision }: Expected,
): void {
  posterior_mean.forEach((want, i) => {
    const wantedStd = posterior_precision[i]![i]! ** -0.5;
    assert.ok(
      Math.abs(mean[i]! - want) < 0.1 * wantedStd,
      `mean ${i}: ${mean[i]}, want ${want} ± ${0.1 * wantedStd}`,
    );
    assert.ok(Math.abs(std[i]! / wantedStd - 1) < 0.05, `std ${i}: ${std[i]}, want ${wantedStd}`);
  });
}

describe('inference: vi finds the posterior of a conjugate model', () => {
  const cases = golden<Inputs, Expected>('inference', 'bayesian_linear_regression');
  const runs = cases.flatMap((each) =>
    each.name.endsWith('/random')
      ? ([
          [each, 'local'],
          [each, 'weights'],
        ] as const)
      : ([[each, 'local']] as const),
  );
  for (const [{ name, inputs, expected }, estimator] of runs) {
    it(`inference.json ${name}, ${estimator}: mean within a tenth of a standard deviation, standard deviation within 5 %`, async () => {
      const { mean, std } = await linearRegression(inputs, estimator);
      checkMeanField({ mean, std }, expected);
    });
  }
});

describe('inference: vi on a correlated design', () => {
  /** Two features of correlation 0.9, and the posterior of their weights by the normal equations. */
  function correlated(): { inputs: Inputs; expected: Expected } {
    const rows = 40;
    const draws = normals(keyOf(5), 3 * rows);
    const X = Array.from({ length: rows }, (_, i) => {
      const [a, b] = [draws[3 * i]!, draws[3 * i + 1]!];
      return [a, 0.9 * a + Math.sqrt(1 - 0.81) * b];
    });
    const y = X.map(([a, b], i) => 0.8 * a! - 0.5 * b! + 0.5 * draws[3 * i + 2]!);
    const [prior_precision, noise_precision] = [2, 4];
    const dot = (f: (i: number) => number): number => X.reduce((sum, _, i) => sum + f(i), 0);
    const precision = [0, 1].map((j) =>
      [0, 1].map(
        (k) => noise_precision * dot((i) => X[i]![j]! * X[i]![k]!) + (j === k ? prior_precision : 0),
      ),
    );
    const [[p, q], [, r]] = precision as [[number, number], [number, number]];
    const [u, w] = [0, 1].map((j) => noise_precision * dot((i) => X[i]![j]! * y[i]!)) as [number, number];
    const determinant = p * r - q * q;
    assert.ok(q / Math.sqrt(p * r) > 0.85);
    return {
      inputs: { X, y, prior_precision, noise_precision },
      expected: {
        posterior_mean: [(r * u - q * w) / determinant, (p * w - q * u) / determinant],
        posterior_precision: precision,
      },
    };
  }
  const { inputs, expected } = correlated();

  it('finds the means of the posterior and its conditional standard deviations, half of the marginal ones', async () => {
    const found = await linearRegression(inputs, 'local');
    checkMeanField(found, expected);
    const [[p, q], [, r]] = expected.posterior_precision as [[number, number], [number, number]];
    const marginal = Math.sqrt(r / (p * r - q * q));
    assert.ok(found.std[0]! < 0.6 * marginal, `${found.std[0]} against ${marginal}`);
  });

  it('finds the same with a prior whose divergence is integrated', async () => {
    const { name, logProb } = priors.normal(0, inputs.prior_precision ** -0.5);
    checkMeanField(await linearRegression(inputs, 'local', { name: `open ${name}`, logProb }), expected);
  });
});
