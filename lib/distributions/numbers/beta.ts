import { checkPositive } from './arguments';
import type { Distribution } from './distribution';
import { digamma, incompleteBeta, logBeta } from './gammaFunctions';
import { quantileOf } from './quantileOf';

/** y log x, which is 0 for y = 0 also at x = 0. */
const power = (y: number, logX: number): number => (y === 0 ? 0 : y * logX);

/** The beta distribution x^(a - 1) (1 - x)^(b - 1) / B(a, b) on [0, 1], of mean a / (a + b): a prior of probabilities. */
export function beta(a: number, b: number): Distribution {
  checkPositive(a, 'distributions.beta: a');
  checkPositive(b, 'distributions.beta: b');
  const cdf = (x: number): number => incompleteBeta(x, a, b);
  const total = (a + b - 2) * digamma(a + b);
  return {
    name: `beta(${a}, ${b})`,
    logProb: (x) =>
      x < 0 || x > 1 ? -Infinity : power(a - 1, Math.log(x)) + power(b - 1, Math.log1p(-x)) - logBeta(a, b),
    cdf,
    quantile: (p) => quantileOf(cdf, p, { low: 0, high: 1, start: 0.5 }),
    entropy: logBeta(a, b) - (a - 1) * digamma(a) - (b - 1) * digamma(b) + total,
  };
}
