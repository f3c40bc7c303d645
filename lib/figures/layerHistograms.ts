import { CredenceError } from '../errors';
import { sameLength } from './check';
import { binEdges, binRange, binShares, outline } from './histogram';
import { percent, readable } from './numbers';
import { palette, translucent } from './palette';
import type { AxisLayout, ScatterTrace } from './wire/plotly';
import { seriesStyle } from './scaling/scalingSeries';
import type { Figure } from './wire/messages';

/** Numbers of one layer, or of one of its arrays. */
export interface LayerValues {
  /** '0.dense.kernel' */
  name: string;
  /** Of all of its weights, in any order, or of some. */
  values: ArrayLike<number>;
  /** How many weights it has, where these are of some. */
  size?: number;
}

/** What was learned of the weights of one layer: a mean and a standard deviation for each. */
export interface WeightPosterior {
  name: string;
  mean: ArrayLike<number>;
  std: ArrayLike<number>;
}

interface HistogramOptions {
  title: string;
  xTitle: string;
  /** A value to compare with, as a vertical line. */
  reference?: { name: string; x: number };
  bins?: number;
}

/** Smaller numbers than the largest by so many decades are counted in the first bin. */
const DECADES = 4;

/**
 * Draws |mean| / std of the weights of each layer: weights with a ratio far below 1 may be removed and nothing is lost.
 *
 * Graves, "Practical variational inference for neural networks", 2011; Blundell et al., "Weight uncertainty in neural networks", 2015.
 * @throws CredenceError E_DATA if there are no weights, E_SHAPE if means and deviations do not go together
 */
export function signalToNoiseFigure(
  layers: readonly WeightPosterior[],
  { title = 'Signal to noise of weights' }: { title?: string } = {},
): Figure {
  const ratios = layers.map(({ name, mean, std }): LayerValues => {
    sameLength(`signal-to-noise figure, ${name}`, { mean, std });
    return { name, values: Float64Array.from(mean, (value, i) => Math.abs(value) / std[i]!) };
  });
  return magnitudeHistogram(ratios, {
    title,
    xTitle: '|mean| / standard deviation',
    reference: { name: 'as much noise as signal', x: 1 },
  });
}

/** Draws the standard deviations of the weights of each layer. @throws CredenceError E_DATA if there are no weights */
export const sigmaFigure = (
  layers: readonly (Pick<WeightPosterior, 'name' | 'std'> & Pick<LayerValues, 'size'>)[],
  { title = 'Standard deviations of weights' }: { title?: string } = {},
): Figure =>
  magnitudeHistogram(
    layers.map(({ std, ...layer }) => ({ ...layer, values: std })),
    { title, xTitle: 'standard deviation' },
  );

/**
 * Draws the sizes of the gradients of each layer: of layers that learn nothing they are tiny, or far from those of the others.
 * @throws CredenceError E_DATA if there are none
 */
export const gradientFigure = (
  layers: readonly LayerValues[],
  { title = 'Sizes of gradients' }: { title?: string } = {},
): Figure => magnitudeHistogram(layers, { title, xTitle: '|gradient|' });

/** Histograms of sizes on a logarithmic axis, an outline for each layer. Zeros and what is not finite have no place there. */
function magnitudeHistogram(layers: readonly LayerValues[], options: HistogramOptions): Figure {
  const { title, xTitle, reference, bins = 40 } = options;
  const logs = layers.map(({ values }) =>
    Float64Array.from(values, (value) => Math.log10(Math.abs(value))).filter(Number.isFinite),
  );
  if (logs.every(({ length }) => length === 0)) {
    throw new CredenceError('E_DATA', `${title}: there is no weight with a value other than 0 to draw`);
  }
  const [least, most] = binRange(logs);
  const range = [Math.max(least, most - DECADES), most] as const;
  const edges = binEdges(range, bins).map((edge) => 10 ** edge);
  const shares = logs.map((values) => binShares(values, range, bins));
  const top = 1.1 * Math.max(...shares.flat());
  return {
    title,
    description: `${title}, by layer. ${layers.map(describe).join('; ')}.`,
    data: [
      ...layers.map(({ name }, i) => layerOutline(name, edges, shares[i]!, i)),
      ...(reference ? [vertical(reference, top)] : []),
    ],
    layout: {
      hovermode: 'closest',
      xaxis: { title: { text: xTitle }, type: 'log', ...ticksOver(range) },
      yaxis: { title: { text: 'share of weights' }, tickformat: '~%', range: [0, top] },
      showlegend: true,
    },
  };
}

/** Powers of ten, and 2 and 5 of each where there are few: Plotly would label every digit. */
function ticksOver([from, to]: readonly [number, number]): Pick<AxisLayout, 'tickvals' | 'ticktext'> {
  const digits = to - from > 2.5 ? [1] : [1, 2, 5];
  const decades = Array.from(
    { length: Math.ceil(to) - Math.floor(from) + 1 },
    (_, i) => Math.floor(from) + i,
  );
  const tickvals = decades
    .flatMap((decade) => digits.map((digit) => digit * 10 ** decade))
    .filter((tick) => Math.log10(tick) >= from && Math.log10(tick) <= to);
  return { tickvals, ticktext: tickvals.map((tick) => readable(tick)) };
}

/** Colours come round: the next ones are dashed. */
const dashes = ['solid', 'dash', 'dot'] as const;
const COLORS = 5;

function layerOutline(
  name: string,
  edges: readonly number[],
  shares: readonly number[],
  i: number,
): ScatterTrace {
  const { color } = seriesStyle(i);
  const { x, y } = outline(edges, shares);
  return {
    type: 'scatter',
    mode: 'lines',
    name,
    x,
    y,
    line: { color, width: 1.5, dash: dashes[Math.floor(i / COLORS) % dashes.length] },
    fill: 'tozeroy',
    fillcolor: translucent(color, 0.12),
    hovertemplate: `${name}\n%{x:.3g}: %{y:.1%}`,
  };
}

const vertical = ({ name, x }: { name: string; x: number }, top: number): ScatterTrace => ({
  type: 'scatter',
  mode: 'lines',
  name,
  x: [x, x],
  y: [0, top],
  line: { color: palette.grey, width: 1.5, dash: 'dash' },
  hoverinfo: 'skip',
});

function describe({ name, values, size = values.length }: LayerValues): string {
  const sizes = Float64Array.from(values, Math.abs).filter(Number.isFinite).sort();
  const zero = sizes.filter((size) => size === 0).length;
  const middle = sizes[sizes.length >> 1] ?? NaN;
  return (
    `${name}: ${size} weights, median ${readable(middle)}` +
    `${zero > 0 ? `, ${percent(zero / values.length)} are 0` : ''}`
  );
}
