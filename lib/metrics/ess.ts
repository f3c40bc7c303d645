import * as v from 'valibot';
import { validate } from '../validate';
import { type ChainOptions, chainsOption, halves, pooled, rankNormalised, readChains } from './chains';
import type { Numbers } from './input';
import { interpolate } from './quantiles';
import { meanOf } from './reduction';

/** The mean over chains of the autocovariance at a lag, each divided by the number of draws. */
function autocovariance(centred: readonly Float64Array[], lag: number): number {
  return meanOf(
    centred.map((chain) => {
      let sum = 0;
      for (let i = lag; i < chain.length; i++) sum += chain[i]! * chain[i - lag]!;
      return sum / chain.length;
    }),
  );
}

/**
 * The number of draws divided by the sum of their autocorrelations, which are taken from all chains and added up in pairs until a pair
 * is negative, no pair counting more than the one before it: Geyer, "Practical Markov chain Monte Carlo", 1992, as in Vehtari et al. 2021,
 * section 3.2.
 */
function effective(chains: readonly Float64Array[]): number {
  const n = chains[0]!.length;
  const total = n * chains.length;
  const sorted = pooled(chains);
  if (sorted.at(-1)! - sorted[0]! < 1e-15) return total; // equal draws: as arviz has it
  const means = chains.map(meanOf);
  const centred = chains.map((chain, c) => chain.map((draw) => draw - means[c]!));
  const within = (autocovariance(centred, 0) * n) / (n - 1);
  const grand = meanOf(means);
  const between = means.reduce((sum, mean) => sum + (mean - grand) ** 2, 0) / Math.max(1, means.length - 1);
  const variance = (within * (n - 1)) / n + between;
  const correlation = (lag: number): number => 1 - (within - autocovariance(centred, lag)) / variance;

  let sum = 0;
  let [even, odd] = [1, correlation(1)];
  let previous = Infinity;
  let lag = 1;
  for (; lag < n - 3 && even + odd > 0; lag += 2) {
    const pair = Math.min(previous, even + odd);
    sum += pair;
    previous = pair;
    [even, odd] = [correlation(lag + 1), correlation(lag + 2)];
  }
  // of the pair that ended the sum, the first is still a correlation if it is positive
  const time = -1 + 2 * sum + Math.max(0, even);
  // draws that repel each other count for more than they are, but not without bound
  return total / Math.max(time, 1 / Math.log10(total));
}

/** Of the indicator of lying below a quantile of the draws. */
function ofQuantile(chains: readonly Float64Array[], level: number): number {
  const limit = interpolate(pooled(chains), level);
  return effective(halves(chains.map((chain) => chain.map((draw) => Number(draw <= limit)))));
}

const kinds = {
  bulk: (chains: readonly Float64Array[]) => effective(rankNormalised(halves(chains))),
  tail: (chains: readonly Float64Array[]) => Math.min(ofQuantile(chains, 0.05), ofQuantile(chains, 0.95)),
  mean: (chains: readonly Float64Array[]) => effective(halves(chains)),
};

const schema = v.strictObject({
  chains: chainsOption,
  kind: v.optional(v.picklist(['bulk', 'tail', 'mean'], "must be 'bulk', 'tail' or 'mean'"), 'bulk'),
});

/**
 * Effective sample size: how many independent draws would say as much as these correlated ones; at least 100 a chain should be there.
 * As many as there are for draws that are all equal.
 *
 * - 'bulk' (default): of the ranks of the draws: for means and medians, whatever the tails
 * - 'tail': the smaller one of the 5 % and the 95 % quantile: for the ends of intervals
 * - 'mean': of the draws themselves, the classic one: for the standard error of their mean
 *
 * Vehtari et al., "Rank-normalization, folding, and localization: an improved R-hat", 2021. The same numbers as arviz.
 * @param draws of one quantity [chains, draws], at least four in each chain
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function ess(
  draws: Numbers,
  options: ChainOptions & { kind?: 'bulk' | 'tail' | 'mean' } = {},
): number {
  const { chains, kind } = validate(schema, options, 'metrics.ess');
  return kinds[kind](readChains('metrics.ess', draws, chains));
}

/**
 * Monte Carlo standard error of the mean of correlated draws, in their units: standard deviation / sqrt(effective sample size).
 * @param draws of one quantity [chains, draws], at least four in each chain
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function mcse(draws: Numbers, options: ChainOptions = {}): number {
  const { chains } = validate(v.strictObject({ chains: chainsOption }), options, 'metrics.mcse');
  const each = readChains('metrics.mcse', draws, chains);
  const all = pooled(each);
  const mean = meanOf(all);
  const variance = all.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / (all.length - 1);
  return Math.sqrt(variance / kinds.mean(each));
}
