/** What was learned of the weights, and how many of them are needed. */
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { sigmaFigure, signalToNoiseFigure, type WeightPosterior } from '../figures/layerHistograms';
import { pruningFigure } from '../figures/pruning';
import type { Kind } from '../distributions/likelihood';
import type { Posterior } from '../inference/posterior/posterior';
import { moments, stdOf } from '../metrics';
import { validate } from '../validate';
import { type Normal, normals } from './normals';
import { type Picture, picture } from './picture';

/** Options of `show.pruning`. */
export interface ShowPruningOptions {
  /** Shares of the weights to remove, each from 0 to below 1. Default: 0, 0.5, 0.75, 0.9, 0.95, 0.98. */
  removed?: readonly number[];
  /** What the score is. Default: 'score'. */
  score?: string;
}

const shareRule = 'must be a number of at least 0 and below 1';
const pruningOptions = v.strictObject({
  removed: v.optional(
    v.pipe(
      v.array(v.pipe(v.number(shareRule), v.minValue(0, shareRule), v.ltValue(1, shareRule))),
      v.minLength(1, 'must be at least one share'),
    ),
    [0, 0.5, 0.75, 0.9, 0.95, 0.98],
  ),
  score: v.optional(v.string()),
});

const deviations = ({ mean, std }: Normal): Float64Array => Float64Array.from(mean, (_, i) => std(i));

/** Means and deviations of the draws of Markov chains. */
function drawn(posterior: Posterior): WeightPosterior[] {
  return [...posterior.variables.keys()].map((name) => {
    const draws = posterior.chain(name);
    const [chains, length] = draws.shape as [number, number];
    const found = moments(draws, { samples: chains * length });
    return { name, mean: found.mean, std: stdOf(found) };
  });
}

/**
 * What was learned of the weights of each layer: how far they are from 0 compared with how unsure they are, and their standard deviations.
 * @throws CredenceError E_OPTION of a method that learns no spread of single weights
 */
export function weights<K extends Kind>(posterior: Posterior<K>): Picture {
  const found = normals(posterior).map((normal): WeightPosterior => ({ ...normal, std: deviations(normal) }));
  const layers = found.length > 0 ? found : chainsOr('show.weights', posterior);
  return picture(signalToNoiseFigure(layers), sigmaFigure(layers));
}

function chainsOr(what: string, posterior: Posterior): WeightPosterior[] {
  try {
    return drawn(posterior);
  } catch (error) {
    if (!(error instanceof CredenceError)) throw error;
    throw noSpread(what, 'vi(), swag() or a method of Markov chains');
  }
}

const noSpread = (what: string, use: string): CredenceError =>
  new CredenceError(
    'E_OPTION',
    `${what}: this posterior has no mean and standard deviation of each weight: use ${use}`,
  );

/**
 * How many weights are needed: a score of the posterior without those that say least, the smallest |mean| / std first. The posterior is as
 * before afterwards.
 * @param evaluate the score, for instance `(p) => p.evaluate(test).accuracy`; it is called once for each share
 * @throws CredenceError E_OPTION
 */
export function pruning<K extends Kind>(
  posterior: Posterior<K>,
  evaluate: (posterior: Posterior<K>) => number,
  options: ShowPruningOptions = {},
): Picture {
  const what = 'show.pruning';
  const { removed, ...rest } = validate(pruningOptions, options, what);
  const layers = normals(posterior);
  if (layers.length === 0) throw noSpread(what, 'vi()');
  const ratios = layers.map((layer) => deviations(layer).map((std, i) => Math.abs(layer.mean[i]!) / std));
  const sorted = Float64Array.from(ratios.flatMap((values) => Array.from(values))).sort();
  const kept = layers.flatMap(({ zeros, logarithms }) =>
    [...zeros, ...logarithms].map((a) => [a, a.slice()] as const),
  );
  const score = removed.map((share) => {
    const limit = sorted[Math.floor(share * sorted.length)]!;
    try {
      layers.forEach((layer, i) => remove(layer, ratios[i]!, limit));
      return evaluate(posterior);
    } finally {
      for (const [array, values] of kept) array.set(values);
    }
  });
  return picture(pruningFigure({ removed, score }, rest));
}

/** Makes the weights whose ratio is below the limit 0 for sure. */
function remove({ zeros, logarithms }: Normal, ratios: Float64Array, limit: number): void {
  ratios.forEach((ratio, i) => {
    if (ratio >= limit) return;
    for (const array of zeros) array[i] = 0;
    for (const array of logarithms) array[i] = -Infinity;
  });
}
