import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { count, nonNegative, positive } from '../validate';

/** A rate that rises evenly in the first steps, and falls then. */
export interface RateSchedule {
  /** The largest rate. */
  peak: number;
  /** Steps in which it rises to that: in step t of them it is t / warmup of it. Default 0. */
  warmup?: number;
  /** How it falls: like half a cosine (Loshchilov and Hutter, SGDR, 2017), evenly, or by the same factor in each step. Default: not at all. */
  decay?: 'cosine' | 'linear' | 'exponential';
  /** The step, counted from the beginning, from which on it does not fall any more. */
  steps?: number;
  /** What it falls to. Default 0, or a hundredth of `peak` where it falls by a factor. */
  end?: number;
}

/** A learning rate: the same in all steps, a schedule, or a function of their numbers, counted from 1: float32 of any shape. */
export type LearningRate = number | RateSchedule | ((step: tf.Tensor) => tf.Tensor);

const rule =
  'must be a number above 0, a schedule such as { peak: 1e-3, warmup: 500 }, or a function of the step';
const constant = v.pipe(v.number(rule), v.finite('must be finite'), v.gtValue(0, 'must be a number above 0'));
const schedule = v.pipe(
  v.strictObject(
    {
      peak: positive(),
      warmup: v.optional(count(0), 0),
      decay: v.optional(v.picklist(['cosine', 'linear', 'exponential'])),
      steps: v.optional(count(1)),
      end: v.optional(nonNegative()),
    },
    `must not be there: a learning rate ${rule}`,
  ),
  v.check(
    ({ decay, steps }) => (decay === undefined) === (steps === undefined),
    "must have 'decay' and 'steps' together, or none of them",
  ),
  v.check(
    ({ steps, warmup }) => steps === undefined || steps > warmup,
    "must have more 'steps' than 'warmup'",
  ),
  v.check(({ peak, end = 0 }) => end <= peak, "must have an 'end' of at most 'peak'"),
  v.check(
    ({ decay, end }) => decay !== 'exponential' || end !== 0,
    "must have an 'end' above 0, to fall to it by a factor",
  ),
);

export const learningRateSchema = v.lazy((value) => {
  if (typeof value === 'function') return v.function();
  return typeof value === 'object' && value !== null ? schedule : constant;
});

const endOf = ({ peak, decay, end = decay === 'exponential' ? peak / 100 : 0 }: RateSchedule): number => end;

/** The rate in a step. */
export function rateAt(rate: LearningRate, step: tf.Tensor): tf.Tensor {
  if (typeof rate === 'number') return tf.scalar(rate);
  if (typeof rate === 'function') return rate(step);
  const { peak, warmup = 0, decay, steps = 0 } = rate;
  const up = warmup === 0 ? tf.scalar(1) : tf.minimum(tf.div(step, warmup), 1);
  if (decay === undefined) return tf.mul(up, peak);
  const end = endOf(rate);
  const done = tf.clipByValue(tf.div(tf.sub(step, warmup), steps - warmup), 0, 1);
  const fallen = {
    linear: () => tf.add(peak, tf.mul(done, end - peak)),
    cosine: () => tf.add(end, tf.mul(tf.add(tf.cos(tf.mul(done, Math.PI)), 1), (peak - end) / 2)),
    exponential: () => tf.mul(tf.exp(tf.mul(done, Math.log(end / peak))), peak),
  }[decay]();
  return tf.mul(up, fallen);
}

/** What a rate is called: settings are compared by it. */
export function rateName(rate: LearningRate): string {
  if (typeof rate === 'number') return String(rate);
  if (typeof rate === 'function') return rate.name || 'a schedule of its own';
  const { peak, warmup = 0, decay, steps } = rate;
  return [
    `${peak}`,
    ...(warmup > 0 ? [`after ${warmup} steps`] : []),
    ...(decay ? [`${decay} to ${endOf(rate)} in ${steps} steps`] : []),
  ].join(', ');
}
