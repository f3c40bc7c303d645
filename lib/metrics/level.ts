import * as v from 'valibot';

/** A probability in [0, 1]: the level of a quantile. */
export const level = v.pipe(
  v.number('must be a number in [0, 1]'),
  v.minValue(0, 'must be in [0, 1]'),
  v.maxValue(1, 'must be in [0, 1]'),
);

/** A probability strictly between 0 and 1. */
export const openLevel = v.pipe(
  v.number('must be a number in (0, 1)'),
  v.gtValue(0, 'must be in (0, 1)'),
  v.ltValue(1, 'must be in (0, 1)'),
);

/** Several levels, at least one. */
export const levels = v.pipe(v.array(level), v.minLength(1, 'must hold at least one level'));
