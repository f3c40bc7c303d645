import * as v from 'valibot';
import { count, validate } from '../validate';
import { equalCount, equalWidth } from './binning';
import { checkAligned, checkPositive, type Numbers } from './input';
import { meanOf } from './reduction';

const schema = v.strictObject({
  bins: v.optional(count(1), 10),
  binning: v.optional(v.picklist(['count', 'width'], "must be 'count' or 'width'"), 'count'),
});

/**
 * Expected normalised calibration error: data are grouped by their predicted standard deviation, and in each group the
 * root mean variance is held against the root mean squared error: the mean over groups of |RMV - RMSE| / RMV.
 *
 * Levi et al., "Evaluating and calibrating uncertainty prediction in regression tasks", 2022.
 * @param mean predicted means, any shape
 * @param std predicted standard deviations, same shape
 * @param y the truth, same shape
 * @param options.bins how many groups (default 10); empty ones are left out
 * @param options.binning 'count': equally many data each (default); 'width': equally wide ranges of std
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function ence(
  mean: Numbers,
  std: Numbers,
  y: Numbers,
  options: { bins?: number; binning?: 'count' | 'width' } = {},
): number {
  const { bins, binning } = validate(schema, options, 'metrics.ence');
  checkAligned('metrics.ence', { mean, std, y });
  checkPositive('metrics.ence', 'std', std);
  const spread = Float64Array.from(std).sort();
  const groups =
    binning === 'count' ? equalCount(std, bins) : equalWidth(std, bins, spread[0]!, spread.at(-1)!);
  const errors = groups
    .filter(({ members }) => members.length > 0)
    .map(({ members }) => {
      const predicted = Math.sqrt(meanOf(members.map((i) => std[i]! ** 2)));
      const actual = Math.sqrt(meanOf(members.map((i) => (y[i]! - mean[i]!) ** 2)));
      return Math.abs(predicted - actual) / predicted;
    });
  return meanOf(errors);
}
