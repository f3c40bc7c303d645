import { interpolate } from '../lib/metrics/quantiles';

/** The value below which a share of the values lies. */
export const quantile = (values: readonly number[], share: number): number =>
  interpolate(Float64Array.from(values).sort(), share);

/** The middle value; of an even number of values the mean of the two in the middle. */
export const median = (values: readonly number[]): number => quantile(values, 0.5);

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The standard deviation of a sample. */
export const deviation = (values: readonly number[]): number => {
  const center = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1));
};
