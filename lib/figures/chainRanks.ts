import { readChains } from '../metrics/chains';
import type { NdArray, TypedArray } from '../ndarray';
import { binCounts } from './histogram';
import { compact } from './numbers';
import { palette, translucent } from './palette';
import type { BarTrace, ScatterTrace } from './wire/plotly';
import { seriesStyle } from './scaling/scalingSeries';
import type { Figure } from './wire/messages';

/** The tallest bar of a chain has this part of its row. */
const TALLEST = 0.9;

/**
 * Draws where the draws of each chain are among those of all chains: the histogram of their ranks, which is flat for each if the chains
 * explore the same distribution. A slope is a chain that stays too high or too low; a hump or a U is one that is too narrow or too wide.
 *
 * Vehtari et al., "Rank-normalization, folding, and localization: an improved R-hat", 2021, section 4.
 * @param draws [chains, draws], at least four in each
 * @throws CredenceError E_SHAPE, E_DATA
 */
export function chainRanksFigure(
  draws: NdArray<TypedArray>,
  { name = 'draws', bins = 20 }: { name?: string; bins?: number } = {},
): Figure {
  const chains = readChains('rank figure', draws, undefined);
  const total = chains.length * chains[0]!.length;
  const counts = ranksOf(chains).map((ranks) => binCounts(ranks, [0, total], bins));
  const expected = chains[0]!.length / bins;
  const scale = TALLEST / Math.max(...counts.flat());
  const furthest = Math.max(...counts.flat().map((count) => Math.abs(count - expected) / expected));
  // the first chain is on top
  const base = (i: number): number => chains.length - 1 - i;
  const rows = counts.map((own, i): BarTrace => ({
    type: 'bar',
    name: `chain ${i + 1}`,
    x: own.map((_, bin) => compact(((bin + 0.5) * total) / bins)),
    y: own.map((count) => compact(count * scale)),
    base: own.map(() => base(i)),
    width: own.map(() => (0.94 * total) / bins),
    marker: { color: translucent(seriesStyle(i).color, 0.75) },
    hovertext: own.map((count) => `chain ${i + 1}: ${count} draws, ${compact(expected)} expected`),
    hovertemplate: '%{hovertext}',
  }));
  return {
    title: `${name}: ranks`,
    description:
      `Histograms of the ranks of the draws of ${chains.length} chains among all ${total}, flat for chains that agree: the bar furthest ` +
      `from the ${compact(expected)} expected differs by ${Math.round(100 * furthest)} %.`,
    data: [...rows, ...chains.map((_, i) => level(base(i) + expected * scale, total))],
    layout: {
      barmode: 'overlay',
      hovermode: 'closest',
      showlegend: false,
      xaxis: { title: { text: 'rank among all draws' }, range: [0, total], showgrid: false },
      yaxis: {
        range: [0, chains.length],
        tickvals: chains.map((_, i) => base(i) + 0.45),
        ticktext: chains.map((_, i) => `chain ${i + 1}`),
        showgrid: false,
        zeroline: false,
      },
    },
  };
}

/** Where all bars of a chain would be that draws from the same distribution as the others. */
const level = (y: number, total: number): ScatterTrace => ({
  type: 'scatter',
  mode: 'lines',
  x: [0, total],
  y: [y, y],
  line: { color: palette.grey, width: 1.5, dash: 'dash' },
  hoverinfo: 'skip',
});

/** The places of the draws of each chain in the order of all draws, 0 to their number; equal ones share the middle of theirs. */
function ranksOf(chains: readonly Float64Array[]): Float64Array[] {
  const sorted = Float64Array.from(chains.flatMap((chain) => Array.from(chain))).sort();
  const places = new Map<number, number>();
  for (let start = 0, end = 0; start < sorted.length; start = end) {
    while (sorted[end] === sorted[start]) end++;
    places.set(sorted[start]!, (start + end) / 2);
  }
  return chains.map((chain) => chain.map((draw) => places.get(draw)!));
}
