import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { count, nonNegative } from '../validate';

/** A factor that changes evenly in the first steps of training, and stays as it is then. */
export interface Annealing {
  /** Its value in the first step. Default 0. */
  from?: number;
  /** Its value after so many steps. Default 1. */
  to?: number;
  steps: number;
}

/** Factor of the KL divergence: the same for all steps, or annealed (Bowman et al. 2016). */
export type KlWeight = number | Annealing;

const rule = 'must be a number of at least 0, or { from, to, steps }';
const annealing = v.strictObject(
  { from: v.optional(nonNegative(), 0), to: v.optional(nonNegative(), 1), steps: count(1) },
  `must not be there: klWeight ${rule}`,
);
const constant = v.pipe(v.number(rule), v.finite('must be finite'), v.minValue(0, 'must be at least 0'));

export const klWeightSchema = v.lazy((value) =>
  typeof value === 'object' && value !== null ? annealing : constant,
);

/** Its value in a step: a function of the step's number alone, so that a run that is resumed goes on as it would have. */
export function klWeightAt(weight: KlWeight, step: tf.Tensor): tf.Tensor | number {
  if (typeof weight === 'number') return weight;
  const { from = 0, to = 1, steps } = weight;
  const done = tf.minimum(tf.div(tf.sub(step, 1), steps), 1);
  return tf.add(tf.mul(done, to - from), from);
}

export function klWeightName(weight: KlWeight): string {
  if (typeof weight === 'number') return String(weight);
  return `${weight.from ?? 0} to ${weight.to ?? 1} in ${weight.steps} steps`;
}
