import { checkFinite, checkPositive } from './arguments';
import type { Distribution } from './distribution';
import { digamma, incompleteBeta, logBeta } from './gammaFunctions';
import { quantileOf } from './quantileOf';

/** P(T <= t) of Student's t distribution. */
export function studentTCdf(t: number, df: number): number {
  const square = t * t;
  const tail = incompleteBeta(df / (df + square), df / 2, 0.5, square / (df + square)) / 2;
  return t > 0 ? 1 - tail : tail;
}

/** Student's t distribution with `df` degrees of freedom: 1 is the Cauchy distribution, many are the normal one. */
export function studentT({ df = 3, mean = 0, scale = 1 } = {}): Distribution {
  checkPositive(df, 'distributions.studentT: df');
  checkFinite(mean, 'distributions.studentT: mean');
  checkPositive(scale, 'distributions.studentT: scale');
  const cdf = (x: number): number => studentTCdf((x - mean) / scale, df);
  const logNormalizer = logBeta(df / 2, 0.5) + 0.5 * Math.log(df) + Math.log(scale);
  return {
    name: `Student t(${df}, ${mean}, ${scale})`,
    logProb: (x) => (-(df + 1) / 2) * Math.log1p(((x - mean) / scale) ** 2 / df) - logNormalizer,
    cdf,
    quantile: (p) => quantileOf(cdf, p, { low: -Infinity, high: Infinity, start: mean }),
    entropy: ((df + 1) / 2) * (digamma((df + 1) / 2) - digamma(df / 2)) + logNormalizer,
  };
}
