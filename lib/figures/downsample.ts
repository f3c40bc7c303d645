/** Points drawn of one trace: more than a notebook is wide would cost bytes in every update and show nothing. */
export const MAX_POINTS = 500;

/**
 * Picks at most `limit` points of a series to draw, such that a drawn line looks the same: the first and the last
 * point, and of each bucket its lowest and its highest, so that no spike is lost.
 *
 * ```
 *   all points   . : . '|. | . . |: . ' .|. ...      two points of each bucket are kept
 *   kept         .     '|  |     |:     .|
 * ```
 *
 * Buckets hold 2^k points, counted from the first one. So while a series grows, what was picked before stays the same
 * up to the last bucket, until there are twice as many points: a live figure sends its new end only.
 *
 * Values that are not finite are passed over, unless a whole bucket has no other: the gap then stays a gap.
 * @param limit at least 4
 * @returns indices in rising order; all of them where there are no more than `limit`
 */
export function downsample(values: ArrayLike<number>, limit: number): number[] {
  const length = values.length;
  if (length <= limit) return Array.from({ length }, (_, i) => i);
  let size = 2;
  while (2 * Math.ceil(length / size) + 2 > limit) size *= 2;
  const kept = [0];
  for (let start = 0; start < length; start += size) {
    kept.push(...extremes(values, start, Math.min(length, start + size)));
  }
  kept.push(length - 1);
  return kept.filter((index, i) => index !== kept[i - 1]);
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
