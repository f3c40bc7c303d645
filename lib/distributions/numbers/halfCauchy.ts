import { checkLevel, checkPositive } from './arguments';
import type { Distribution } from './distribution';

/** The distribution of |X| for X of a Cauchy distribution about 0: a prior of scales with a heavy tail, as the horseshoe's. */
export function halfCauchy(scale = 1): Distribution {
  checkPositive(scale, 'distributions.halfCauchy: scale');
  return {
    name: `half-Cauchy(${scale})`,
    logProb: (x) => (x < 0 ? -Infinity : Math.log(2 / (Math.PI * scale)) - Math.log1p((x / scale) ** 2)),
    cdf: (x) => (x <= 0 ? 0 : (2 / Math.PI) * Math.atan(x / scale)),
    quantile(p) {
      checkLevel(p, 'distributions.halfCauchy: a quantile');
      return p === 1 ? Infinity : scale * Math.tan((Math.PI / 2) * p);
    },
    entropy: Math.log(2 * Math.PI * scale),
  };
}
