import { checkFinite, checkLevel, checkPositive } from './arguments';
import type { Comparable } from './distribution';

/** What makes a Laplace distribution. */
export interface LaplaceParameters {
  mean: number;
  scale: number;
}

/** The Laplace distribution exp(-|x - mean| / scale) / (2 scale). */
export function laplace(mean = 0, scale = 1): Comparable<LaplaceParameters> {
  checkFinite(mean, 'distributions.laplace: mean');
  checkPositive(scale, 'distributions.laplace: scale');
  return {
    name: `Laplace(${mean}, ${scale})`,
    parameters: { mean, scale },
    logProb: (x) => -Math.abs(x - mean) / scale - Math.log(2 * scale),
    cdf(x) {
      const tail = Math.exp(-Math.abs(x - mean) / scale) / 2;
      return x < mean ? tail : 1 - tail;
    },
    quantile(p) {
      checkLevel(p, 'distributions.laplace: a quantile');
      return p < 0.5 ? mean + scale * Math.log(2 * p) : mean - scale * Math.log(2 * (1 - p));
    },
    entropy: 1 + Math.log(2 * scale),
    /** E|x - other mean| is in closed form. */
    kl({ parameters: other }) {
      const distance = Math.abs(mean - other.mean);
      const expected = scale * Math.exp(-distance / scale) + distance;
      return Math.log(other.scale / scale) + expected / other.scale - 1;
    },
  };
}
