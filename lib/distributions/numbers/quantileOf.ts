import { checkLevel } from './arguments';

/** Halvings that leave no number between the ends of any bracket. */
const HALVINGS = 2100;

/**
 * The x in [low, high] with cdf(x) = p, by halving: slow and sure, to the last digit of the cdf. Ends may be infinite; then the bracket
 * grows from `start` by doubling.
 */
export function quantileOf(
  cdf: (x: number) => number,
  p: number,
  { low, high, start }: { low: number; high: number; start: number },
): number {
  checkLevel(p, 'a quantile');
  if (p === 0 || p === 1) return p === 0 ? low : high;
  let [a, b] = [low, high];
  if (a === -Infinity) for (let step = 1; a === -Infinity || cdf(a) > p; step *= 2) a = start - step;
  if (b === Infinity) for (let step = 1; b === Infinity || cdf(b) < p; step *= 2) b = start + step;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = a + (b - a) / 2;
    if (middle <= a || middle >= b) break;
    if (cdf(middle) < p) a = middle;
    else b = middle;
  }
  return a + (b - a) / 2;
}
