import { checkPositive } from './arguments';
import type { Distribution } from './distribution';
import { digamma, incompleteGamma, logGamma } from './gammaFunctions';
import { quantileOf } from './quantileOf';

/** The gamma distribution rate^shape x^(shape - 1) exp(-rate x) / Gamma(shape), of mean shape / rate: a prior of precisions. */
export function gamma(shape: number, rate = 1): Distribution {
  checkPositive(shape, 'distributions.gamma: shape');
  checkPositive(rate, 'distributions.gamma: rate');
  const logNormalizer = logGamma(shape) - shape * Math.log(rate);
  const cdf = (x: number): number => incompleteGamma(shape, rate * x);
  return {
    name: `gamma(${shape}, ${rate})`,
    logProb(x) {
      if (x < 0) return -Infinity;
      // 0 log 0 is 0 here: an exponential distribution begins at its rate
      const power = shape === 1 ? 0 : (shape - 1) * Math.log(x);
      return power - rate * x - logNormalizer;
    },
    cdf,
    quantile: (p) => quantileOf(cdf, p, { low: 0, high: Infinity, start: shape / rate }),
    entropy: shape - Math.log(rate) + logGamma(shape) + (1 - shape) * digamma(shape),
  };
}
