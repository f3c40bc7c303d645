import { normalCdf, normalQuantile } from '../../metrics/normal';
import { checkLevel, checkPositive } from './arguments';
import type { Distribution } from './distribution';
import { halfLog2Pi } from './gammaFunctions';

/** The distribution of |X| for X of N(0, scale^2): a prior of scales. */
export function halfNormal(scale = 1): Distribution {
  checkPositive(scale, 'distributions.halfNormal: scale');
  const logNormalizer = halfLog2Pi + Math.log(scale / 2);
  return {
    name: `half-normal(${scale})`,
    logProb: (x) => (x < 0 ? -Infinity : -0.5 * (x / scale) ** 2 - logNormalizer),
    cdf: (x) => (x <= 0 ? 0 : 1 - 2 * normalCdf(-x / scale)),
    quantile(p) {
      checkLevel(p, 'distributions.halfNormal: a quantile');
      return p === 0 ? 0 : -scale * normalQuantile((1 - p) / 2);
    },
    entropy: 0.5 + logNormalizer,
  };
}
