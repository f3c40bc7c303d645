import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { validate } from '../validate';
import type { Likelihood } from './likelihood';
import { mixture } from './mixture';
import { studentTCdf } from './numbers/studentT';
import { studentTLogProb } from './studentT';
import { columns } from './targets';

/** Options of `likelihoods.studentT`. */
export interface StudentTOptions {
  /** Degrees of freedom, above 2, where the variance is finite: the fewer, the less an outlier counts. Default 4. */
  df?: number;
}

const rule = 'must be a number above 2: with fewer degrees of freedom the variance is infinite';
const options = v.strictObject({
  df: v.optional(v.pipe(v.number(rule), v.finite(rule), v.gtValue(2, rule)), 4),
});

/** More than the precision of the means, which are floats. */
const HALVINGS = 60;

/** The root of an increasing function, which has opposite signs at low and high or reaches them by doubling the bracket. */
function root(f: (x: number) => number, low: number, high: number): number {
  let [a, b] = [low, high];
  while (f(a) > 0) a -= b - a;
  while (f(b) < 0) b += b - a;
  for (let i = 0; i < HALVINGS && a < b; i++) {
    const middle = (a + b) / 2;
    if (f(middle) < 0) a = middle;
    else b = middle;
  }
  return (a + b) / 2;
}

/**
 * Real-valued targets with noise of Student's t distribution around the mean, of a scale that is learned for each target: a regression
 * that outliers do not pull away.
 */
export function studentT(given: StudentTOptions = {}): Likelihood<'regression'> {
  const { df } = validate(options, given, 'likelihoods.studentT');
  const nll: Likelihood['nll'] = (outputs, y, [logScale]) =>
    tf.neg(tf.sum(studentTLogProb(y, outputs, logScale!, df), -1));
  return {
    name: `student t (df ${df})`,
    kind: 'regression',
    parameters: [{ name: 'logNoise', shape: 'target', initial: Math.log(0.5) }],
    targets: (y, outputShape) => columns('student t', y, outputShape),
    nll,
    predict(outputs, [logScale]) {
      const variance = tf.mul(tf.exp(tf.mul(logScale!, 2)), df / (df - 2));
      return [outputs, tf.add(variance, tf.zerosLike(outputs))];
    },
    quantile(level, means, variances) {
      if (level === 0 || level === 1) return level === 0 ? -Infinity : Infinity;
      const scales = variances.map((variance) => Math.sqrt((variance * (df - 2)) / df));
      const miss = (y: number): number =>
        means.reduce((sum, mean, s) => sum + studentTCdf((y - mean) / scales[s]!, df) - level, 0);
      const widest = scales.reduce((a, b) => Math.max(a, b));
      const [least, most] = [means.reduce((a, b) => Math.min(a, b)), means.reduce((a, b) => Math.max(a, b))];
      return root(miss, least - widest, most + widest);
    },
    predictive: mixture(nll),
  };
}
