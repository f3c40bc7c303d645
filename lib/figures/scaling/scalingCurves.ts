import { compact, percent, readable } from '../numbers';
import { palette, translucent } from '../palette';
import type { ScatterTrace } from '../wire/plotly';
import { assertSomething, doublingAxis, type Series, seriesStyle } from './scalingSeries';
import { describePoint, type ScalingPoint, type Speedup, speedups } from './speedup';
import type { Figure } from '../wire/messages';

export interface ScalingCurvesOptions {
  /** 'strong': the work of a step stays the same. 'weak': it grows with the workers. */
  scaling: 'strong' | 'weak';
  /** Others' measurements, shown faintly as far as they are comparable: on up to twice as many workers. */
  references?: readonly Series<ScalingPoint>[];
}

/** A series with what is drawn of it. */
interface Curve {
  name: string;
  points: Speedup[];
}

/**
 * Draws speed-up over the number of workers with the ideal line, both axes doubling, and below it the efficiency: the speed-up of
 * each worker. Error bars span the repetitions.
 * @throws CredenceError E_DATA if there is no point or a time is not above 0
 */
export function scalingFigure(
  series: readonly Series<ScalingPoint>[],
  { scaling, references = [] }: ScalingCurvesOptions,
): Figure {
  assertSomething('scaling figure', series);
  const measured = series.map(({ name, points }): Curve => ({ name, points: speedups(points, scaling) }));
  const reach = 2 * Math.max(...measured.flatMap(({ points }) => points.map(({ workers }) => workers)));
  const faint = references.map(({ name, points }): Curve => ({
    name,
    points: speedups(points, scaling).filter(({ workers }) => workers <= reach),
  }));
  const curves = [...measured, ...faint];
  const workers = [...new Set(curves.flatMap(({ points }) => points.map((point) => point.workers)))].sort(
    (a, b) => a - b,
  );
  const values = curves.flatMap(({ points }) => points.map(({ least }) => least));
  const [bottom, top] = [Math.min(...workers, ...values), Math.max(...workers)];
  const title = scaling === 'strong' ? 'Strong scaling' : 'Weak scaling';
  return {
    title,
    description: `${title} over ${workers.join(', ')} workers. ${measured.map(describeCurve).join('; ')}.`,
    data: [
      ideal(workers, workers, 'y'),
      ideal(
        workers,
        workers.map(() => 1),
        'y2',
      ),
      ...faint.flatMap((curve, i) => traces(curve, referenceStyle(i))),
      ...measured.flatMap((curve, i) => traces(curve, seriesStyle(i))),
    ],
    layout: {
      height: 420,
      hovermode: 'closest',
      xaxis: { ...doublingAxis(workers, 'workers'), anchor: 'y2' },
      yaxis: {
        ...doublingAxis(workers, 'speed-up'),
        range: [Math.log10(bottom) - 0.05, Math.log10(top) + 0.05],
        domain: [0.42, 1],
      },
      yaxis2: {
        title: { text: 'efficiency' },
        range: [0, 0.05 + Math.max(1.1, ...measured.flatMap(highest))],
        domain: [0, 0.32],
        tickformat: '.0%',
        tickvals: [0, 0.5, 1],
      },
    },
  };
}

const highest = ({ points }: Curve): number[] => points.map(({ most, workers }) => most / workers);

const describeCurve = ({ name, points }: Curve): string =>
  `${name}: ${points
    .map(
      ({ workers, middle, efficiency }) =>
        `${readable(middle)} with ${workers} (efficiency ${percent(efficiency)})`,
    )
    .join(', ')}`;

type Style = ReturnType<typeof seriesStyle>;

/** Another's measurement: its marks are there, but do not call. */
function referenceStyle(i: number): Style {
  const color = translucent(palette.grey, 0.7);
  return {
    color: palette.grey,
    line: { color, width: 1, dash: 'dot' },
    marker: { color, size: 6, symbol: i % 2 === 0 ? 'diamond' : 'square' },
  };
}

/** Speed-up and efficiency of a curve: one entry in the legend. */
function traces({ name, points }: Curve, { line, marker }: Style): ScatterTrace[] {
  const drawn = (yaxis: 'y' | 'y2', share: (value: number, point: Speedup) => number): ScatterTrace => ({
    type: 'scatter',
    mode: 'lines+markers',
    name,
    legendgroup: name,
    ...(yaxis === 'y2' ? { showlegend: false } : {}),
    yaxis,
    x: points.map(({ workers }) => workers),
    y: points.map((point) => compact(share(point.middle, point))),
    error_y: {
      type: 'data',
      symmetric: false,
      array: points.map((point) => share(point.most - point.middle, point)),
      arrayminus: points.map((point) => share(point.middle - point.least, point)),
      color: line!.color!,
      thickness: 1.5,
      width: 4,
    },
    line,
    marker,
    hovertext: points.map((point) => `${name}\n${describePoint(point)}`),
    hovertemplate: '%{hovertext}',
  });
  return [drawn('y', (value) => value), drawn('y2', (value, { workers }) => value / workers)];
}

const ideal = (x: readonly number[], y: readonly number[], yaxis: 'y' | 'y2'): ScatterTrace => ({
  type: 'scatter',
  mode: 'lines',
  name: 'ideal',
  ...(yaxis === 'y2' ? { showlegend: false } : {}),
  yaxis,
  x: [...x],
  y: [...y],
  line: { color: palette.grey, width: 1.5, dash: 'dash' },
  hoverinfo: 'skip',
});
