import assert from 'node:assert/strict';
import { meanSigmoid, normalPdf } from '../../lib/metrics';
import { assertClose, golden } from '../golden';

interface Expected {
  logit_mean: number[];
  logit_variance: number[];
  probit_probability: number[];
}

describe('metrics: the mean of a sigmoid', () => {
  for (const { name, expected, tolerance } of golden<object, Expected>(
    'inference',
    'laplace_logistic_binary',
  )) {
    it(`inference.json ${name}`, () => {
      const { logit_mean, logit_variance, probit_probability } = expected;
      const got = logit_mean.map((mean, i) => meanSigmoid(mean, Math.sqrt(logit_variance[i]!)));
      assertClose(got, probit_probability, tolerance);
    });
  }

  it('is within 0.02 of the integral', () => {
    const step = 0.01;
    const grid = Array.from({ length: 1601 }, (_, i) => (i - 800) * step);
    let worst = 0;
    for (const std of [0, 0.1, 0.5, 1, 2, 3, 5, 10, 30]) {
      for (const mean of [-20, -5, -3, -2, -1, -0.3, 0, 0.5, 1, 2, 4, 6, 10, 40]) {
        const exact = grid.reduce(
          (sum, z) => sum + (step * normalPdf(z)) / (1 + Math.exp(-mean - std * z)),
          0,
        );
        worst = Math.max(worst, Math.abs(meanSigmoid(mean, std) - exact));
      }
    }
    assert.ok(worst < 0.02 && worst > 0.01, `${worst}`);
  });
});
