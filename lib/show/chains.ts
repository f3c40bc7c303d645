/** Whether Markov chains can be trusted. */
import * as v from 'valibot';
import { chainRanksFigure } from '../figures/chainRanks';
import { chainTracesFigure } from '../figures/chainTraces';
import type { Kind } from '../distributions/likelihood';
import type { Posterior } from '../inference/posterior/posterior';
import { rhat } from '../metrics';
import { ndarray, type NdArray, sizeOf, type TypedArray } from '../ndarray';
import { count, validate } from '../validate';
import { type Picture, picture } from './picture';

/** Options of `show.chains`. */
export interface ShowChainsOptions {
  /** Which variable of a posterior. Default: the one with the largest R-hat. */
  variable?: string;
  /** Which element of it, row by row. Default: the one with the largest R-hat. */
  element?: number;
  /** What draws are called that are given as such. Default: 'draws'. */
  name?: string;
}

const schema = v.strictObject({
  variable: v.optional(v.string()),
  element: v.optional(count(0)),
  name: v.optional(v.string()),
});

/** Elements of a variable that are looked at for the worst one, spread evenly. */
const MAX_ELEMENTS = 200;

/**
 * The draws of one quantity, chain by chain: as they were made, with R-hat and the effective sample size, and the histograms of their ranks.
 * Of a posterior the quantity whose chains agree least is shown, unless another is asked for.
 * @param from a posterior of Markov chains, or draws of any quantity [chains, draws]
 * @throws CredenceError E_OPTION if the posterior has no chains, no such variable or element; E_SHAPE, E_DATA
 */
export function chains<K extends Kind>(
  from: Posterior<K> | NdArray<TypedArray>,
  options: ShowChainsOptions = {},
): Picture {
  const { variable, element, name } = validate(schema, options, 'show.chains');
  if (!('chain' in from)) return drawn(from, name ?? 'draws');
  const names = variable === undefined ? [...from.variables.keys()] : [variable];
  const quantities = names.flatMap((each) =>
    element === undefined || variable === undefined
      ? elementsOf(from, each)
      : [{ name: `${each}[${element}]`, draws: from.chain(each, element) }],
  );
  const worst = quantities
    .map((quantity) => ({ ...quantity, ratio: ratioOf(quantity.draws) }))
    .reduce((a, b) => (b.ratio > a.ratio ? b : a));
  return drawn(worst.draws, worst.name);
}

/** Draws that never change have no R-hat; nothing is worse. */
function ratioOf(draws: NdArray): number {
  const ratio = rhat(draws);
  return Number.isNaN(ratio) ? Infinity : ratio;
}

const drawn = (draws: NdArray<TypedArray>, name: string): Picture =>
  picture(chainTracesFigure(draws, { name }), chainRanksFigure(draws, { name }));

/** The draws of the elements of a variable, of many some. */
function elementsOf<K extends Kind>(
  posterior: Posterior<K>,
  name: string,
): { name: string; draws: NdArray }[] {
  const all = posterior.chain(name);
  const [chains, length, ...shape] = all.shape as [number, number, ...number[]];
  const size = sizeOf(shape);
  const shown = Math.min(size, MAX_ELEMENTS);
  return Array.from({ length: shown }, (_, i) => {
    const element = Math.floor((i * size) / shown);
    const draws = Float32Array.from({ length: chains * length }, (_, draw) => all[draw * size + element]!);
    return { name: `${name}[${element}]`, draws: ndarray(draws, [chains, length]) };
  });
}
