import { pitHistogram } from '../metrics/regressionCalibration';
import { compact, percent } from './numbers';
import { palette, translucent } from './palette';
import type { BarTrace, ScatterTrace } from './wire/plotly';
import type { Figure } from './wire/messages';

/** Standard deviations within which chance stays 95 times in 100. */
const CHANCE = 1.96;

/**
 * Draws the histogram of probability integral transforms: flat for calibrated predictions, a hump where they are too
 * wide, a U where they are too narrow, a slope where they are too low (it rises) or too high. The grey band is where 95 % of
 * the bars of a calibrated model lie, given how few data there are.
 *
 * Gneiting et al., "Probabilistic forecasts, calibration and sharpness", 2007.
 * @param pit values of `metrics.pit`, `metrics.pitMixture` or `metrics.pitEnsemble`
 * @throws CredenceError E_SHAPE if there is none, E_DATA if one is not in [0, 1]
 */
export function pitFigure(
  pit: ArrayLike<number>,
  { bins = 20, title = 'Probability integral transform' }: { bins?: number; title?: string } = {},
): Figure {
  const counts = Array.from(pitHistogram(pit, { bins }));
  const density = counts.map((count) => (count * bins) / pit.length);
  // of a count that is binomial with probability 1 / bins
  const margin = CHANCE * Math.sqrt((bins - 1) / pit.length);
  const band = [Math.max(0, 1 - margin), 1 + margin] as const;
  const outside = density.filter((height) => height < band[0] || height > band[1]).length;
  return {
    title,
    description:
      `Histogram of ${pit.length} probability integral transforms in ${bins} bins, flat at 1 for calibrated predictions: ` +
      `${outside} bars are outside of the band where 95 % would be by chance. ${shapeOf(pit)}`,
    data: [bars(density, counts), chance(band), level],
    layout: {
      barmode: 'overlay',
      hovermode: 'closest',
      xaxis: { title: { text: 'share of the prediction below the observation' }, range: [0, 1] },
      yaxis: { title: { text: 'density' }, range: [0, 1.08 * Math.max(band[1], ...density)] },
    },
  };
}

const bars = (density: readonly number[], counts: readonly number[]): BarTrace => {
  const width = 1 / density.length;
  return {
    type: 'bar',
    name: 'observations',
    x: density.map((_, i) => compact((i + 0.5) * width)),
    y: density.map(compact),
    width: density.map(() => 0.94 * width),
    marker: { color: translucent(palette.blue, 0.75) },
    hovertext: counts.map(
      (count, i) => `${(i * width).toFixed(2)} to ${((i + 1) * width).toFixed(2)}\n${count} observations`,
    ),
    hovertemplate: '%{hovertext}',
  };
};

const chance = ([low, high]: readonly [number, number]): ScatterTrace => ({
  type: 'scatter',
  mode: 'none',
  name: '95 % by chance',
  x: [0, 1, 1, 0],
  y: [compact(low), compact(low), compact(high), compact(high)],
  fill: 'toself',
  fillcolor: translucent(palette.grey, 0.28),
  hoverinfo: 'skip',
});

const level: ScatterTrace = {
  type: 'scatter',
  mode: 'lines',
  name: 'calibrated',
  x: [0, 1],
  y: [1, 1],
  line: { color: palette.grey, width: 1.5, dash: 'dash' },
  hoverinfo: 'skip',
};

/** Where the observations lie: half of them are in the middle half of calibrated predictions, and half below the middle. */
function shapeOf(pit: ArrayLike<number>): string {
  const share = (is: (value: number) => boolean): string =>
    percent(Array.from(pit).filter(is).length / pit.length);
  return (
    `In the middle half of their prediction lie ${share((value) => value > 0.25 && value < 0.75)} of the observations, ` +
    `below its median ${share((value) => value < 0.5)}.`
  );
}
