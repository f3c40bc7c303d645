import { validate } from '../validate';
import { checkStack, type Numbers, type StackOptions } from './input';
import { levels as levelsSchema } from './level';

/**
 * The quantile of ascending values at a level in [0, 1], linear between neighbours: type 7 of Hyndman and Fan, "Sample
 * quantiles in statistical packages", 1996; numpy's default.
 */
export function interpolate(sorted: Float64Array, level: number): number {
  const place = (sorted.length - 1) * level;
  const below = Math.floor(place);
  const weight = place - below;
  const [a, b] = [sorted[below]!, sorted[Math.min(below + 1, sorted.length - 1)]!];
  // measured from the nearer end, as numpy does: exact at both ends
  return weight < 0.5 ? a + (b - a) * weight : b - (b - a) * (1 - weight);
}

/**
 * Quantiles over samples, the limits of a credible band.
 * @param samples draws [S, ...]
 * @param levels numbers in [0, 1]
 * @returns for each level an array of the length of one draw, in the units of the samples
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function quantiles(
  samples: Numbers,
  levels: readonly number[],
  options: StackOptions = {},
): Float64Array[] {
  const what = 'metrics.quantiles';
  const wanted = validate(levelsSchema, levels, `${what} levels`);
  const { samples: stack, size } = checkStack(what, 'samples', samples, options);
  const result = wanted.map(() => new Float64Array(size));
  const column = new Float64Array(stack);
  for (let i = 0; i < size; i++) {
    for (let s = 0; s < stack; s++) column[s] = samples[s * size + i]!;
    column.sort();
    wanted.forEach((level, q) => (result[q]![i] = interpolate(column, level)));
  }
  return result;
}
