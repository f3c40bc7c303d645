/** Points drawn of one trace: more than a notebook is wide would cost bytes in every update and show nothing. */
export const MAX_POINTS = 500;

/**
 * Picks at most `limit` points of a series to draw, such that a drawn line looks the same: the first and the last
 * point, and of each bucket in between its lowest and its highest, so that no spike is lost.
 *
 * ```
 *   all points   . : . ' . | . . : ' . | ...      two points of each bucket are kept
 *   kept         .     '   |     : '   |
 * ```
 *
 * Values that are not finite are passed over, unless a whole bucket has no other: the gap then stays a gap.
 * @param limit at least 4
 * @returns indices in rising order; all of them where there are no more than `limit`
 */
export function downsample(values: ArrayLike<number>, limit: number): number[] {
  const length = values.length;
  if (length <= limit) return Array.from({ length }, (_, i) => i);
  const buckets = Math.floor((limit - 2) / 2);
  const kept = [0];
  for (let bucket = 0; bucket < buckets; bucket++) {
    const start = 1 + Math.floor((bucket * (length - 2)) / buckets);
    const end = 1 + Math.floor(((bucket + 1) * (length - 2)) / buckets);
    kept.push(...extremes(values, start, end));
  }
  kept.push(length - 1);
  return kept;
}

/** Indices of the lowest and the highest finite value in [start, end), in rising order. */
function extremes(values: ArrayLike<number>, start: number, end: number): number[] {
  let lowest = -1;
  let highest = -1;
  for (let i = start; i < end; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    if (lowest < 0 || value < values[lowest]!) lowest = i;
    if (highest < 0 || value > values[highest]!) highest = i;
  }
  if (lowest < 0) return [start];
  return lowest === highest ? [lowest] : [Math.min(lowest, highest), Math.max(lowest, highest)];
}
