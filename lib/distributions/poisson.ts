import * as tf from '@tensorflow/tfjs';
import { CredenceError } from '../errors';
import { independent } from './fisherRoot';
import type { Likelihood } from './likelihood';
import { mixture } from './mixture';
import { halfLog2Pi } from './numbers/gammaFunctions';
import { columns } from './targets';

/** log n!, elementwise, in single precision: Stirling's series at n + 3. */
export function logFactorial(n: tf.Tensor): tf.Tensor {
  const x = tf.add(n, 3);
  const squared = tf.square(x);
  const rest = tf.div(tf.sub(1 / 12, tf.div(tf.sub(1 / 360, tf.div(1 / 1260, squared)), squared)), x);
  const main = tf.sub(tf.mul(tf.sub(x, 0.5), tf.log(x)), x);
  const moved = tf.log(tf.mul(tf.add(n, 1), tf.add(n, 2)));
  return tf.sub(tf.add(tf.add(main, halfLog2Pi), rest), moved);
}

/** sum_d rate_d - y_d log rate_d + log y_d!, [S, B]. */
const nll: Likelihood['nll'] = (logRates, y) =>
  tf.sum(tf.add(tf.sub(tf.exp(logRates), tf.mul(y, logRates)), logFactorial(y)), -1);

/** The smallest count that, with all below it, has at least this probability. Terms are taken as logarithms: exp(-rate) may be 0. */
function quantile(level: number, rates: Float64Array): number {
  if (level === 1) return Infinity;
  const logs = rates.map((rate) => -rate);
  const logRates = rates.map(Math.log);
  const far = rates.reduce((most, rate) => Math.max(most, rate + 40 * Math.sqrt(rate) + 100), 0); // rounding may leave level out of reach
  let sum = 0;
  for (let count = 0; count < far; count++) {
    sum += logs.reduce((total, log) => total + Math.exp(log), 0) / rates.length;
    if (sum >= level) return count;
    for (let s = 0; s < logs.length; s++) logs[s]! += logRates[s]! - Math.log(count + 1);
  }
  return Math.ceil(far);
}

/** Counts: the model's D outputs are logarithms of rates, the targets [N] or [N, D] whole numbers from 0. Mean and variance are the rate. */
export function poisson(): Likelihood<'regression'> {
  return {
    name: 'poisson',
    kind: 'regression',
    parameters: [],
    targets: (y, outputShape) =>
      columns('poisson', y, outputShape, { outputs: 1 }, (value, where) => {
        if (Number.isInteger(value) && value >= 0) return;
        throw new CredenceError(
          'E_DATA',
          `target ${value} at ${where} is no count: the poisson likelihood needs whole numbers from 0`,
        );
      }),
    nll,
    predict(logRates) {
      const rates = tf.exp(logRates);
      return [rates, tf.clone(rates)];
    },
    quantile,
    fisherRoot: (logRates) => independent(tf.exp(tf.mul(logRates, 0.5))),
    predictive: mixture(nll),
  };
}
