import { checkLevel } from './arguments';
import type { Distribution } from './distribution';
import { checkInterval } from './interval';

/** The uniform distribution on [low, high]. */
export function uniform(low = 0, high = 1): Distribution {
  checkInterval(low, high, 'distributions.uniform');
  const length = high - low;
  return {
    name: `uniform(${low}, ${high})`,
    logProb: (x) => (x < low || x > high ? -Infinity : -Math.log(length)),
    cdf: (x) => Math.min(1, Math.max(0, (x - low) / length)),
    quantile(p) {
      checkLevel(p, 'distributions.uniform: a quantile');
      return low + p * length;
    },
    entropy: Math.log(length),
  };
}
