import { checkPositive } from './arguments';
import type { Distribution } from './distribution';
import { digamma, incompleteGamma, logGamma } from './gammaFunctions';
import { quantileOf } from './quantileOf';

/** The distribution of 1 / X for X of a gamma distribution with rate `scale`: a prior of variances. */
export function inverseGamma(shape: number, scale = 1): Distribution {
  checkPositive(shape, 'distributions.inverseGamma: shape');
  checkPositive(scale, 'distributions.inverseGamma: scale');
  const logNormalizer = logGamma(shape) - shape * Math.log(scale);
  const cdf = (x: number): number => (x <= 0 ? 0 : 1 - incompleteGamma(shape, scale / x));
  return {
    name: `inverse gamma(${shape}, ${scale})`,
    logProb: (x) => (x <= 0 ? -Infinity : -(shape + 1) * Math.log(x) - scale / x - logNormalizer),
    cdf,
    quantile: (p) => quantileOf(cdf, p, { low: 0, high: Infinity, start: scale / shape }),
    entropy: shape + Math.log(scale) + logGamma(shape) - (1 + shape) * digamma(shape),
  };
}
