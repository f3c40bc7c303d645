/** How numbers are written in figures. */

/**
 * A number for the wire. Six significant digits are finer than any pixel; whole numbers (steps, milliseconds) are kept
 * as they are; what is not finite becomes a gap.
 */
export function compact(value: number): number | null {
  if (!Number.isFinite(value)) return null;
  return Number.isInteger(value) ? value : Number(value.toPrecision(6));
}

/** The values at the given indices, for the wire. */
export const pick = (values: ArrayLike<number>, indices: readonly number[]): (number | null)[] =>
  indices.map((i) => compact(values[i]!));

/** A number to be read by a person, with that many significant digits: '0.0314', '1250', '2.5e-7'. */
export function readable(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1e6 || (size > 0 && size < 1e-4)) {
    return value.toExponential(digits - 1).replace(/\.?0+e\+?/, 'e');
  }
  return size >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(digits)));
}

/** A share of the whole, to be read: '97 %'. */
export const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** The smallest and largest finite value, or undefined if there is none. */
export function extent(values: Iterable<number>): [number, number] | undefined {
  let least = Infinity;
  let most = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return least <= most ? [least, most] : undefined;
}
