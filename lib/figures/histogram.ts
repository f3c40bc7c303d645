/** Counting values into bins of one width, for the histograms of figures. */
import { compact, extent } from './numbers';
import type { Coordinate } from './wire/plotly';

/** Bins that cover the values: first and last edge. Values that are all equal get a bin around them. */
export function binRange(groups: readonly ArrayLike<number>[]): [number, number] {
  const ranges = groups.flatMap((values) => extent(Array.from(values)) ?? []);
  const [least, most] = extent(ranges) ?? [0, 1];
  return least < most ? [least, most] : [least - 0.5, most + 0.5];
}

/** n + 1 edges of n bins. */
export const binEdges = ([from, to]: readonly [number, number], bins: number): number[] =>
  Array.from({ length: bins + 1 }, (_, i) => from + ((to - from) * i) / bins);

/** How many values lie in each bin, those beyond the ends in the bin next to them. What is not a number is in none. */
export function binCounts(
  values: ArrayLike<number>,
  [from, to]: readonly [number, number],
  bins: number,
): number[] {
  const counts = new Array<number>(bins).fill(0);
  const scale = bins / (to - from);
  for (const value of Array.from(values)) {
    const bin = Math.min(bins - 1, Math.max(0, Math.floor((value - from) * scale)));
    if (bin >= 0) counts[bin]!++;
  }
  return counts;
}

/** The share of the values in each bin. */
export function binShares(
  values: ArrayLike<number>,
  range: readonly [number, number],
  bins: number,
): number[] {
  const counts = binCounts(values, range, bins);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => (total === 0 ? 0 : count / total));
}

/** The outline of a histogram, from the axis up, along the tops and down again. */
export function outline(
  edges: readonly number[],
  heights: readonly number[],
): { x: Coordinate[]; y: Coordinate[] } {
  const last = edges.length - 1;
  return {
    x: edges.flatMap((edge) => [compact(edge), compact(edge)]),
    y: [0, ...heights.flatMap((height) => [compact(height), compact(height)]), 0].slice(0, 2 * last + 2),
  };
}
