/** A level times a whole number may be a rounding error above the whole number that it is. */
const ROUNDING = 1e-9;

/** How many calibration data there must be for a threshold: 9 for a level of 0.9, 19 for 0.95. */
export const fewest = (level: number): number => Math.ceil(level / (1 - level) - ROUNDING);

/**
 * The k-th smallest score of n calibration data, k = ceil((n + 1) level): the score of a new datum is at most that with probability k / (n +
 * 1) >= level, since it is equally likely to have any rank among the n + 1. Infinite where k is n + 1: too few data to promise anything.
 *
 * Vovk et al., "Algorithmic learning in a random world", 2005; Lei et al., "Distribution-free predictive inference for regression", 2018.
 */
export function threshold(scores: Float64Array, level: number): number {
  const k = Math.ceil((scores.length + 1) * level - ROUNDING);
  return k > scores.length ? Infinity : scores.slice().sort()[k - 1]!;
}
