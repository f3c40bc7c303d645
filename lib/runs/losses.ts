/** What the losses of a run come to. Those of one batch are noisy: of 20 steps the mean is told. */

/** Per datum, of each step, [T]. The loss is nll + kl. */
export interface Losses {
  nll: ArrayLike<number>;
  kl: ArrayLike<number>;
}

const RECENT = 20;

/** The mean of the last values before number `end`. NaN where there are none. */
export function recentMean(values: ArrayLike<number>, end = values.length): number {
  const start = Math.max(0, end - RECENT);
  let sum = 0;
  for (let i = start; i < end; i++) sum += values[i]!;
  return sum / (end - start);
}

/** The mean loss of the last steps. NaN before the first step. */
export const recentLoss = ({ nll, kl }: Losses, end = nll.length): number =>
  recentMean(nll, end) + recentMean(kl, end);

/** The lowest mean loss of 20 steps in a row, or of all, where there are fewer. */
export function lowestLoss(losses: Losses): number {
  let lowest = recentLoss(losses);
  for (let end = RECENT; end < losses.nll.length; end++) lowest = Math.min(lowest, recentLoss(losses, end));
  return lowest;
}
