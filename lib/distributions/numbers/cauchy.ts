import { checkFinite, checkLevel, checkPositive } from './arguments';
import type { Distribution } from './distribution';

/** The Cauchy distribution: tails so heavy that it has no mean. */
export function cauchy(mode = 0, scale = 1): Distribution {
  checkFinite(mode, 'distributions.cauchy: mode');
  checkPositive(scale, 'distributions.cauchy: scale');
  return {
    name: `Cauchy(${mode}, ${scale})`,
    logProb: (x) => -Math.log(Math.PI * scale) - Math.log1p(((x - mode) / scale) ** 2),
    /** atan2(1, -z) has all digits of the lower tail. */
    cdf: (x) => Math.atan2(1, -(x - mode) / scale) / Math.PI,
    quantile(p) {
      checkLevel(p, 'distributions.cauchy: a quantile');
      if (p === 0 || p === 1) return p === 0 ? -Infinity : Infinity;
      return mode - scale / Math.tan(Math.PI * p);
    },
    entropy: Math.log(4 * Math.PI * scale),
  };
}
