import { ess, rhat } from '../metrics';
import { readChains } from '../metrics/chains';
import type { NdArray, TypedArray } from '../ndarray';
import { downsample, MAX_POINTS } from './downsample';
import { pick, readable } from './numbers';
import { translucent } from './palette';
import type { ScatterTrace } from './wire/plotly';
import { seriesStyle } from './scaling/scalingSeries';
import type { Figure } from './wire/messages';

/** Above it the chains should run for longer (Vehtari et al. 2021). */
const AGREE = 1.01;
/** Independent draws that each chain should be worth (Vehtari et al. 2021). */
const ENOUGH = 100;

/**
 * Draws the values of one quantity as its Markov chains went through them. Chains that have forgotten where they began look like grass:
 * all at the same height, none with a trend. The title has R-hat and the effective sample size.
 *
 * Vehtari et al., "Rank-normalization, folding, and localization: an improved R-hat", 2021.
 * @param draws [chains, draws], at least four in each
 * @throws CredenceError E_SHAPE, E_DATA
 */
export function chainTracesFigure(
  draws: NdArray<TypedArray>,
  { name = 'draws' }: { name?: string } = {},
): Figure {
  const chains = readChains('chain figure', draws, undefined);
  const [ratio, bulk, tail] = [rhat(draws), ess(draws), ess(draws, { kind: 'tail' })];
  // of draws that are all equal there is none
  const said = Number.isFinite(ratio) ? ratio.toFixed(3) : readable(ratio);
  return {
    title: `${name}: R-hat ${said}, ESS ${readable(bulk)}`,
    description:
      `${chains.length} chains of ${chains[0]!.length} draws of ${name}: R-hat ${said}, effective sample size ` +
      `${readable(bulk)} in the bulk and ${readable(tail)} in the tails. ${verdict(ratio, Math.min(bulk, tail) / chains.length)}`,
    data: chains.map(trace),
    layout: {
      hovermode: 'closest',
      xaxis: { title: { text: 'draw' } },
      yaxis: { title: { text: name } },
    },
  };
}

/** @param each independent draws of a chain */
function verdict(ratio: number, each: number): string {
  if (Number.isNaN(ratio)) return 'All draws are equal: the chains do not move.';
  if (ratio > AGREE) return `The chains do not agree: R-hat is above ${AGREE}, let them run for longer.`;
  return each < ENOUGH
    ? `The chains agree, but are worth less than ${ENOUGH} independent draws each.`
    : 'The chains agree.';
}

function trace(values: Float64Array, i: number): ScatterTrace {
  const indices = downsample(values, MAX_POINTS);
  const name = `chain ${i + 1}`;
  return {
    type: 'scatter',
    mode: 'lines',
    name,
    x: indices,
    y: pick(values, indices),
    line: { color: translucent(seriesStyle(i).color, 0.75), width: 1 },
    hovertemplate: `${name}, draw %{x}: %{y:.4g}`,
  };
}
