import { interpolate } from './quantiles';

/** A group of data whose value lies in [lower, upper); the last one is closed. */
export interface Bin {
  lower: number;
  upper: number;
  /** Which data, as indices, ascending by position. */
  members: number[];
}

/** n + 1 evenly spaced numbers (numpy.linspace). */
export function evenEdges(lower: number, upper: number, bins: number): Float64Array {
  const step = (upper - lower) / bins;
  return Float64Array.from({ length: bins + 1 }, (_, i) => (i === bins ? upper : lower + i * step));
}

/** Sorts data into the bins between ascending edges; what lies on an edge belongs to the bin above it. */
function between(edges: Float64Array, values: ArrayLike<number>): Bin[] {
  const last = edges.length - 2;
  const bins = Array.from({ length: last + 1 }, (_, b): Bin => ({
    lower: edges[b]!,
    upper: edges[b + 1]!,
    members: [],
  }));
  for (let i = 0; i < values.length; i++) {
    const above = edges.findLastIndex((edge) => edge <= values[i]!);
    bins[Math.min(Math.max(above, 0), last)]!.members.push(i);
  }
  return bins;
}

/** Bins of equal width between `lower` and `upper`. */
export const equalWidth = (values: ArrayLike<number>, bins: number, lower: number, upper: number): Bin[] =>
  between(evenEdges(lower, upper, bins), values);

/** Bins between `lower` and `upper` whose inner edges are quantiles of the values; ties stay together. */
export function byQuantile(values: ArrayLike<number>, bins: number, lower: number, upper: number): Bin[] {
  const sorted = Float64Array.from(values).sort();
  const edges = evenEdges(0, 1, bins).map((level) => interpolate(sorted, level));
  edges[0] = lower;
  edges[bins] = upper;
  return between(edges, values);
}

/**
 * Bins with equally many data, in ascending order of value; the first ones hold one more where it does not divide
 * (numpy.array_split). Ties may be torn apart, in the order of the input. No bin is empty: with fewer data than bins
 * there are as many bins as data.
 */
export function equalCount(values: ArrayLike<number>, bins: number): Bin[] {
  const order = Array.from(values, (_, i) => i).sort((i, j) => values[i]! - values[j]!);
  const filled = Math.min(bins, order.length);
  const least = Math.floor(order.length / filled);
  const larger = order.length % filled;
  return Array.from({ length: filled }, (_, b) => {
    const start = b * least + Math.min(b, larger);
    const members = order.slice(start, start + least + (b < larger ? 1 : 0));
    return { lower: values[members[0]!]!, upper: values[members.at(-1)!]!, members };
  });
}
