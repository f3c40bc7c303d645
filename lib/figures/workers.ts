import { CredenceError } from '../errors';
import { compact, percent, readable } from './numbers';
import { palette } from './palette';
import type { Annotation, BarTrace } from './wire/plotly';
import type { Figure } from './wire/messages';

/** What a worker does with its time. */
export interface WorkerTimes {
  /** 'worker 0' */
  name: string;
  /** Seconds. */
  compute: number;
  exchange: number;
  wait: number;
  /** Its speed, where it is known. */
  stepsPerSecond?: number;
}

const parts = [
  { name: 'compute', color: palette.blue },
  { name: 'exchange', color: palette.orange },
  { name: 'wait', color: palette.grey },
] as const;

/** Few workers leave room, or their bars were as wide as the page. */
const ROOM = 8;

const total = ({ compute, exchange, wait }: WorkerTimes): number => compute + exchange + wait;
const shareOf = (worker: WorkerTimes, part: (typeof parts)[number]['name']): number =>
  total(worker) > 0 ? worker[part] / total(worker) : 0;

/**
 * Draws what each worker's time goes to: computing, exchanging gradients, waiting for the others; above it its speed. A worker that never
 * waits while all others do is the one that holds them up.
 * @throws CredenceError E_DATA if there is no worker
 */
export function workersFigure(workers: readonly WorkerTimes[]): Figure {
  if (workers.length === 0) throw new CredenceError('E_DATA', 'figure of workers: there is no worker');
  const places = workers.map((_, i) => i);
  const bars = parts.map(({ name, color }, i): BarTrace => ({
    type: 'bar',
    name,
    x: places,
    y: workers.map((worker) => compact(shareOf(worker, name))),
    base: workers.map((worker) =>
      parts.slice(0, i).reduce((sum, below) => sum + shareOf(worker, below.name), 0),
    ),
    width: places.map(() => 0.7),
    marker: { color },
    hovertext: workers.map(
      (worker) => `${worker.name}\n${name} ${readable(worker[name])} s (${percent(shareOf(worker, name))})`,
    ),
    hovertemplate: '%{hovertext}',
  }));
  return {
    title: 'Time of each worker',
    description: `What the time of each worker goes to. ${workers.map(describe).join('; ')}.`,
    data: bars,
    layout: {
      height: 200,
      barmode: 'overlay',
      hovermode: 'closest',
      xaxis: {
        tickvals: places,
        ticktext: workers.map(({ name }) => name),
        range: [-0.6, Math.max(workers.length, ROOM) - 0.4],
        showgrid: false,
        zeroline: false,
      },
      yaxis: {
        title: { text: 'share of its time' },
        range: [0, 1.12],
        tickformat: '.0%',
        tickvals: [0, 0.5, 1],
      },
      annotations: workers.flatMap(speed),
    },
  };
}

const speed = ({ stepsPerSecond }: WorkerTimes, i: number): Annotation[] =>
  stepsPerSecond === undefined
    ? []
    : [
        {
          text: `${readable(stepsPerSecond)}/s`,
          x: i,
          y: 1,
          xref: 'x',
          yref: 'y',
          showarrow: false,
          yanchor: 'bottom',
          yshift: 2,
          font: { size: 11 },
        },
      ];

const describe = (worker: WorkerTimes): string =>
  `${worker.name}: ${parts.map(({ name }) => `${name} ${percent(shareOf(worker, name))}`).join(', ')}` +
  `${worker.stepsPerSecond === undefined ? '' : `, ${readable(worker.stepsPerSecond)} steps a second`}`;
