import * as v from 'valibot';
import { CredenceError } from '../errors';
import { validate } from '../validate';
import { checkAligned, type Numbers } from './input';
import { openLevel } from './level';
import {
  meanOf,
  reduce,
  reductionOption,
  type Reduced,
  type Reduction,
  type ReductionOptions,
} from './reduction';

/** @throws CredenceError E_SHAPE, E_DATA; @returns the number of intervals */
function checkIntervals(what: string, arrays: { lower: Numbers; upper: Numbers; y?: Numbers }): number {
  const { lower, upper, y } = arrays;
  const n = checkAligned(what, y === undefined ? { lower, upper } : { lower, upper, y });
  for (let i = 0; i < n; i++) {
    if (lower[i]! > upper[i]!) {
      throw new CredenceError(
        'E_DATA',
        `${what}: lower[${i}] = ${lower[i]} is above upper[${i}] = ${upper[i]}`,
      );
    }
  }
  return n;
}

/**
 * Prediction interval coverage probability: the share of y in [lower, upper], both ends included. Of calibrated
 * intervals it is the level they were made for.
 * @param lower limits of the intervals, any shape
 * @param upper of the same shape
 * @param y the truth, same shape
 * @throws CredenceError E_SHAPE, E_DATA
 */
export function picp(lower: Numbers, upper: Numbers, y: Numbers): number {
  const n = checkIntervals('metrics.picp', { lower, upper, y });
  let covered = 0;
  for (let i = 0; i < n; i++) if (lower[i]! <= y[i]! && y[i]! <= upper[i]!) covered++;
  return covered / n;
}

/**
 * Mean prediction interval width, in the units of y.
 * @param lower limits of the intervals, any shape
 * @param upper of the same shape
 * @throws CredenceError E_SHAPE, E_DATA
 */
export function mpiw(lower: Numbers, upper: Numbers): number {
  checkIntervals('metrics.mpiw', { lower, upper });
  return meanOf(Array.from(lower, (low, i) => upper[i]! - low));
}

const scoreOptions = v.strictObject({ reduction: reductionOption, alpha: openLevel });

/**
 * Interval score (Winkler), in the units of y: the width, plus 2 / alpha times the distance to y where y is outside. It
 * is smallest for the central 1 - alpha interval of the true distribution.
 *
 * Gneiting and Raftery, "Strictly proper scoring rules, prediction, and estimation", 2007, eq. 43.
 * @param lower limits of the intervals, any shape
 * @param upper of the same shape
 * @param y the truth, same shape
 * @param options.alpha the share that is meant to be outside: 0.1 for 90 % intervals
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function intervalScore<R extends Reduction = 'mean'>(
  lower: Numbers,
  upper: Numbers,
  y: Numbers,
  options: ReductionOptions<R> & { alpha: number },
): Reduced<R> {
  const what = 'metrics.intervalScore';
  const { reduction, alpha } = validate(scoreOptions, options, what);
  const n = checkIntervals(what, { lower, upper, y });
  const scores = Float64Array.from({ length: n }, (_, i) => {
    const outside = Math.max(lower[i]! - y[i]!, y[i]! - upper[i]!, 0);
    return upper[i]! - lower[i]! + (2 / alpha) * outside;
  });
  return reduce<R>(scores, reduction);
}
