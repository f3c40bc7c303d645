import { normalCdf, normalQuantile } from '../../metrics/normal';
import { checkFinite, checkLevel, checkPositive } from './arguments';
import type { Comparable } from './distribution';
import { halfLog2Pi } from './gammaFunctions';

/** What makes a normal distribution. */
export interface NormalParameters {
  mean: number;
  std: number;
}

/** The normal distribution N(mean, std^2). */
export function normal(mean = 0, std = 1): Comparable<NormalParameters> {
  checkFinite(mean, 'distributions.normal: mean');
  checkPositive(std, 'distributions.normal: std');
  return {
    name: `N(${mean}, ${std}²)`,
    parameters: { mean, std },
    logProb: (x) => -0.5 * ((x - mean) / std) ** 2 - Math.log(std) - halfLog2Pi,
    cdf: (x) => normalCdf((x - mean) / std),
    quantile(p) {
      checkLevel(p, 'distributions.normal: a quantile');
      return mean + std * normalQuantile(p);
    },
    entropy: 0.5 + halfLog2Pi + Math.log(std),
    kl({ parameters: other }) {
      const ratio = std / other.std;
      return 0.5 * (ratio ** 2 + ((mean - other.mean) / other.std) ** 2 - 1) - Math.log(ratio);
    },
  };
}
