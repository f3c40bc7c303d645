import { CredenceError } from '../errors';
import { checkStack, type Numbers, type StackOptions } from './input';

/** Mean and spread of draws in a form that can be merged: of two batches, or of two workers. */
export interface Moments {
  /** How many draws. */
  count: number;
  /** Their mean, elementwise. */
  mean: Float64Array;
  /** The sum of squared deviations from it; the variance is m2 / count, or m2 / (count - 1) for an unbiased one. */
  m2: Float64Array;
}

/**
 * Moments of draws stacked along the first axis.
 * @param samples draws [S, ...]
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function moments(samples: Numbers, options: StackOptions = {}): Moments {
  const what = 'metrics.moments';
  const { samples: stack, size } = checkStack(what, 'samples', samples, options);
  const mean = new Float64Array(size);
  const m2 = new Float64Array(size);
  for (let j = 0; j < samples.length; j++) mean[j % size]! += samples[j]! / stack;
  for (let j = 0; j < samples.length; j++) m2[j % size]! += (samples[j]! - mean[j % size]!) ** 2;
  return { count: stack, mean, m2 };
}

/**
 * The moments of two sets of draws together, from the moments of each.
 *
 * Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979.
 * @throws CredenceError E_SHAPE if the draws are of different length
 */
export function mergeMoments(a: Moments, b: Moments): Moments {
  if (a.mean.length !== b.mean.length) {
    throw new CredenceError(
      'E_SHAPE',
      `metrics.mergeMoments: one has ${a.mean.length} values, the other ${b.mean.length}`,
    );
  }
  const total = a.count + b.count;
  const delta = b.mean.map((mean, i) => mean - a.mean[i]!);
  return {
    count: total,
    mean: a.mean.map((mean, i) => mean + (delta[i]! * b.count) / total),
    m2: a.m2.map((m2, i) => m2 + b.m2[i]! + (delta[i]! ** 2 * a.count * b.count) / total),
  };
}

/** The standard deviation, elementwise; NaN where `ddof` leaves nothing to divide by. @param ddof 1 for an unbiased variance */
export const stdOf = ({ count: n, m2 }: Moments, ddof = 0): Float64Array =>
  m2.map((each) => Math.sqrt(each / (n - ddof)));
