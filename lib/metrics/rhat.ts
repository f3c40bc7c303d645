import * as v from 'valibot';
import { validate } from '../validate';
import { type ChainOptions, chainsOption, halves, pooled, rankNormalised, readChains } from './chains';
import type { Numbers } from './input';
import { meanOf } from './reduction';

const schema = v.strictObject({
  chains: chainsOption,
  method: v.optional(v.picklist(['rank', 'split'], "must be 'rank' or 'split'"), 'rank'),
});

/** The unbiased variance. */
function varianceOf(values: Float64Array): number {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

/** sqrt((n - 1) / n + B / (n W)): B is n times the variance of the chains' means, W the mean of their variances. */
function potentialScaleReduction(chains: readonly Float64Array[]): number {
  const n = chains[0]!.length;
  const between = n * varianceOf(Float64Array.from(chains, meanOf));
  const within = meanOf(chains.map(varianceOf));
  return Math.sqrt((between / within + n - 1) / n);
}

/**
 * R-hat, the potential scale reduction: how much wider the draws of all chains together are than those of one. Near 1 where the
 * chains agree; above 1.01 they should run for longer. Each chain is split into halves, so that one that drifts is found out. NaN for
 * draws that are all equal.
 *
 * 'rank' (default): the larger of the R-hat of the draws' ranks and of that of the ranks of their distances from the median, which
 * sees chains of different spread; Vehtari et al., "Rank-normalization, folding, and localization: an improved R-hat", 2021. 'split': of
 * the draws themselves; Gelman et al., "Bayesian data analysis", 3rd edition, section 11.4.
 * @param draws of one quantity [chains, draws], at least four in each chain
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function rhat(draws: Numbers, options: ChainOptions & { method?: 'rank' | 'split' } = {}): number {
  const { chains, method } = validate(schema, options, 'metrics.rhat');
  const split = halves(readChains('metrics.rhat', draws, chains));
  if (method === 'split') return potentialScaleReduction(split);
  const sorted = pooled(split);
  // halves are two and equally long, so the number of draws is even
  const median = (sorted[sorted.length / 2 - 1]! + sorted[sorted.length / 2]!) / 2;
  const folded = split.map((chain) => chain.map((draw) => Math.abs(draw - median)));
  return Math.max(
    potentialScaleReduction(rankNormalised(split)),
    potentialScaleReduction(rankNormalised(folded)),
  );
}
