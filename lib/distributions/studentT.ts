import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { positive, validate } from '../validate';
import { finite } from './finite';
import { logGamma } from './numbers/gammaFunctions';
import type { Prior } from './prior';

/** log t_df((x - location) / scale) / scale, elementwise; the tensors broadcast together. */
export function studentTLogProb(
  x: tf.Tensor,
  location: tf.Tensor | number,
  logScale: tf.Tensor,
  df: number,
): tf.Tensor {
  const constant = logGamma((df + 1) / 2) - logGamma(df / 2) - 0.5 * Math.log(df * Math.PI);
  const z = tf.mul(tf.sub(x, location), tf.exp(tf.neg(logScale)));
  const tail = tf.mul(tf.log(tf.add(tf.div(tf.square(z), df), 1)), -(df + 1) / 2);
  return tf.add(tf.sub(tail, logScale), constant);
}

/** Options of `priors.studentT`. */
export interface StudentTPriorOptions {
  /** Degrees of freedom: 1 is the Cauchy distribution, many are the normal one. Default 3. */
  df?: number;
  /** Default 0. */
  mean?: number;
  /** Default 1. */
  scale?: number;
}

const options = v.strictObject({
  df: v.optional(positive(), 3),
  mean: v.optional(finite, 0),
  scale: v.optional(positive(), 1),
});

/** Student's t prior, independent for every weight: heavy tails let a few weights be large. Its divergence has no closed form. */
export function studentT(given: StudentTPriorOptions = {}): Prior {
  const { df, mean, scale } = validate(options, given, 'priors.studentT');
  return {
    name: `Student t(${df}, ${mean}, ${scale})`,
    logProb: (w) => studentTLogProb(w, mean, tf.scalar(Math.log(scale)), df),
  };
}
