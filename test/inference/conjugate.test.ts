import assert from 'node:assert/strict';
import { likelihoods, priors } from '../../lib/distributions';
import { fit } from '../../lib/fit';
import type { EstimatorName } from '../../lib/inference/estimators';
import { vi } from '../../lib/inference/vi';
import { dense } from '../../lib/layers';
import { adam } from '../../lib/optimizers';
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
) {
  const run = fit(
    dense({ units: 1, bias: false }),
    { x: X, y },
    {
      likelihood: likelihoods.gaussian({ noise: noise_precision ** -0.5 }),
      method: vi({ samples: 32, estimator, prior: priors.normal(0, prior_precision ** -0.5) }),
      optimizer: adam(5e-3),
      batchSize: y.length,
      epochs: 1500,
      devices: 1,
    },
  );
  const { variables } = await run.done;
  return { mean: variables.get('kernel.mean')!, std: variables.get('kernel.logStd')!.map(Math.exp) };
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
      expected.posterior_mean.forEach((want, i) => {
        // the best factorised normal has the means of the exact posterior, and its conditional variances
        const wantedStd = expected.posterior_precision[i]![i]! ** -0.5;
        assert.ok(
          Math.abs(mean[i]! - want) < 0.1 * wantedStd,
          `mean ${i}: ${mean[i]}, want ${want} ± ${0.1 * wantedStd}`,
        );
        assert.ok(Math.abs(std[i]! / wantedStd - 1) < 0.05, `std ${i}: ${std[i]}, want ${wantedStd}`);
      });
    });
  }
});
