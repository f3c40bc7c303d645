/** Predictions as bands over one input. */
import { type Band, type Interval, LEVELS } from '../figures/band';
import type { Quantiles, Regression } from '../inference/posterior/prediction';
import { column } from './columns';

/** One target of a regression. @param axis [N] @param levels of the intervals that are drawn */
export function regressionBand(
  axis: ArrayLike<number>,
  prediction: Regression,
  target: number,
  levels: readonly number[] = LEVELS,
): Band {
  const width = prediction.mean.shape[1]!;
  const of = (values: ArrayLike<number>): Float64Array => column(values, target, width);
  const { mean, epistemic } = prediction;
  const total = levels.map((level): Interval => {
    const { lower, upper } = prediction.interval(level);
    return { level, lower: of(lower), upper: of(upper) };
  });
  return { x: axis, mean: of(mean), total, epistemic: of(epistemic) };
}

/** What both parts of the uncertainty of one target are, as standard deviations. */
export function partsOf(
  { mean, aleatoric, epistemic }: Regression,
  target: number,
): NonNullable<Band['parts']> {
  const width = mean.shape[1]!;
  return { aleatoric: column(aleatoric, target, width), epistemic: column(epistemic, target, width) };
}

/** The middle quantile, between the others in pairs: the lowest with the highest, and so on inwards. @param axis [N] */
export function quantileBand(axis: ArrayLike<number>, { levels, mean, epistemic }: Quantiles): Band {
  const count = levels.length;
  const of = (values: ArrayLike<number>, index: number): Float64Array => column(values, index, count);
  const middle = Math.floor((count - 1) / 2);
  const total = Array.from({ length: Math.floor(count / 2) }, (_, i): Interval => {
    const [low, high] = [i, count - 1 - i];
    return { level: levels[high]! - levels[low]!, lower: of(mean, low), upper: of(mean, high) };
  });
  return { x: axis, mean: of(mean, middle), total, epistemic: of(epistemic, middle) };
}
