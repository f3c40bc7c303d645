import * as v from 'valibot';
import { validate } from '../validate';
import { checkAligned, type Numbers } from './input';
import { level } from './level';
import { reduce, reductionOption, type Reduced, type Reduction, type ReductionOptions } from './reduction';

const schema = v.strictObject({ reduction: reductionOption, tau: level });

/**
 * Pinball (quantile) loss, in the units of y: tau (y - q) where y is above the predicted quantile, (1 - tau)(q - y)
 * below. Its mean is smallest for the true tau-quantile.
 *
 * Koenker and Bassett, "Regression quantiles", 1978.
 * @param quantile predicted quantiles, any shape
 * @param y the truth, same shape
 * @param options.tau the level of the quantile, in [0, 1]
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function pinball<R extends Reduction = 'mean'>(
  quantile: Numbers,
  y: Numbers,
  options: ReductionOptions<R> & { tau: number },
): Reduced<R> {
  const { reduction, tau } = validate(schema, options, 'metrics.pinball');
  const n = checkAligned('metrics.pinball', { quantile, y });
  const scores = Float64Array.from({ length: n }, (_, i) => {
    const above = y[i]! - quantile[i]!;
    return above >= 0 ? tau * above : (tau - 1) * above;
  });
  return reduce<R>(scores, reduction);
}
