import { normalCdf, normalQuantile } from '../../metrics/normal';
import { checkFinite, checkLevel, checkPositive } from './arguments';
import type { Distribution } from './distribution';
import { halfLog2Pi } from './gammaFunctions';

/** The distribution of exp(X) for X of N(mu, sigma^2). */
export function logNormal(mu = 0, sigma = 1): Distribution {
  checkFinite(mu, 'distributions.logNormal: mu');
  checkPositive(sigma, 'distributions.logNormal: sigma');
  const logNormalizer = halfLog2Pi + Math.log(sigma);
  return {
    name: `log-normal(${mu}, ${sigma})`,
    logProb(x) {
      if (x <= 0) return -Infinity;
      const log = Math.log(x);
      return -0.5 * ((log - mu) / sigma) ** 2 - log - logNormalizer;
    },
    cdf: (x) => (x <= 0 ? 0 : normalCdf((Math.log(x) - mu) / sigma)),
    quantile(p) {
      checkLevel(p, 'distributions.logNormal: a quantile');
      return Math.exp(mu + sigma * normalQuantile(p));
    },
    entropy: mu + 0.5 + logNormalizer,
  };
}
