import { checkLevel, checkPositive } from './arguments';
import type { Distribution } from './distribution';
import { checkInterval } from './interval';

/** The distribution of exp(X) for X uniform: 1 / (x log(high / low)) on [low, high]. Every order of magnitude is as likely as any other. */
export function logUniform(low: number, high: number): Distribution {
  checkInterval(low, high, 'distributions.logUniform');
  checkPositive(low, 'distributions.logUniform: low');
  const range = Math.log(high / low);
  return {
    name: `log-uniform(${low}, ${high})`,
    logProb: (x) => (x < low || x > high ? -Infinity : -Math.log(x) - Math.log(range)),
    cdf: (x) => (x <= low ? 0 : Math.min(1, Math.log(x / low) / range)),
    quantile(p) {
      checkLevel(p, 'distributions.logUniform: a quantile');
      return p === 1 ? high : low * Math.exp(p * range);
    },
    entropy: Math.log(range) + Math.log(low * high) / 2,
  };
}
