import * as v from 'valibot';

/** What becomes of one score per datum: their mean, or the scores themselves. */
export type Reduction = 'mean' | 'none';

/** What a score gives: a number, or one for each datum. */
export type Reduced<R extends Reduction> = R extends 'none' ? Float64Array : number;

/** Options of scores of data, such as `metrics.nll`. */
export interface ReductionOptions<R extends Reduction> {
  /** 'mean' (default) gives one number, 'none' one number per datum. */
  reduction?: R;
}

export const reductionOption = v.optional(v.picklist(['mean', 'none'], "must be 'mean' or 'none'"), 'mean');

/** The mean of the values, summed in double precision. */
export function meanOf(values: Float64Array | readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

export function reduce<R extends Reduction>(scores: Float64Array, reduction: Reduction): Reduced<R> {
  return (reduction === 'none' ? scores : meanOf(scores)) as Reduced<R>;
}
