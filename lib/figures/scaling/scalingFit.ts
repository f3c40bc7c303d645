import { compact, extent, readable } from '../numbers';
import { palette } from '../palette';
import type { ScatterTrace } from '../wire/plotly';
import { assertSomething, type Series, seriesStyle } from './scalingSeries';
import type { Figure } from '../wire/messages';

/** A step that was measured, and what a model says of it: seconds. */
export interface FittedTime {
  measured: number;
  modelled: number;
  /** 'sample 4, S = 512, B = 64' */
  label: string;
}

/**
 * Draws modelled over measured times on the line where they are equal, and below it the relative errors.
 * @throws CredenceError E_DATA if there is no point
 */
export function fitFigure(series: readonly Series<FittedTime>[]): Figure {
  assertSomething('scaling fit figure', series);
  const points = series.flatMap(({ points }) => points);
  const [least, most] = extent(points.flatMap(({ measured, modelled }) => [measured, modelled]))!;
  const worst = Math.max(...points.map((point) => Math.abs(errorOf(point))));
  const [from, to] = [1000 * least * 0.85, 1000 * most * 1.18];
  const range: [number, number] = [Math.log10(from), Math.log10(to)];
  const room = 1.25 * worst || 0.01;
  const tick = roundBelow(room);
  return {
    title: 'Modelled beside measured times',
    description: `Modelled over measured time of a step, ${points.length} steps from ${readable(1000 * least)} to ${readable(1000 * most)} ms: ${series
      .map(({ name, points }) => `${name}: errors from ${span(points)}`)
      .join('; ')}.`,
    data: [
      line([from, to], [from, to], 'equal', 'y'),
      line([from, to], [0, 0], 'equal', 'y2'),
      ...series.flatMap((each, i) => [
        traceOf(each, i, 'y', ({ modelled }) => 1000 * modelled),
        traceOf(each, i, 'y2', errorOf),
      ]),
    ],
    layout: {
      height: 420,
      hovermode: 'closest',
      xaxis: {
        title: { text: 'measured ms a step' },
        type: 'log',
        range,
        tickformat: '~g',
        nticks: 6,
        anchor: 'y2',
      },
      yaxis: {
        title: { text: 'modelled ms' },
        type: 'log',
        range,
        tickformat: '~g',
        nticks: 6,
        domain: [0.42, 1],
      },
      yaxis2: {
        title: { text: 'error' },
        range: [-room, room],
        domain: [0, 0.32],
        tickformat: '~%',
        tickvals: [-tick, 0, tick],
      },
    },
  };
}

/** The largest of 1, 2, 5, 10, 20, ... that is not above a number, at its scale. */
function roundBelow(value: number): number {
  const scale = 10 ** Math.floor(Math.log10(value));
  return scale * (value >= 5 * scale ? 5 : value >= 2 * scale ? 2 : 1);
}

const errorOf = ({ measured, modelled }: FittedTime): number => modelled / measured - 1;

const percents = (share: number): string => `${(100 * share).toFixed(1)} %`;

const span = (points: readonly FittedTime[]): string => {
  const [least, most] = extent(points.map(errorOf)) ?? [NaN, NaN];
  return `${percents(least)} to ${percents(most)}`;
};

function traceOf(
  { name, points }: Series<FittedTime>,
  i: number,
  yaxis: 'y' | 'y2',
  value: (point: FittedTime) => number,
): ScatterTrace {
  return {
    type: 'scatter',
    mode: 'markers',
    name,
    legendgroup: name,
    ...(yaxis === 'y2' ? { showlegend: false } : {}),
    yaxis,
    x: points.map(({ measured }) => compact(1000 * measured)),
    y: points.map((point) => compact(value(point))),
    marker: { ...seriesStyle(i).marker, opacity: 0.85 },
    hovertext: points.map(
      (point) =>
        `${name}\n${point.label}\n${readable(1000 * point.measured)} ms measured, ${readable(1000 * point.modelled)} modelled (${percents(errorOf(point))})`,
    ),
    hovertemplate: '%{hovertext}',
  };
}

const line = (x: number[], y: number[], name: string, yaxis: 'y' | 'y2'): ScatterTrace => ({
  type: 'scatter',
  mode: 'lines',
  name,
  ...(yaxis === 'y2' ? { showlegend: false } : {}),
  yaxis,
  x,
  y,
  line: { color: palette.grey, width: 1.5, dash: 'dash' },
  hoverinfo: 'skip',
});
