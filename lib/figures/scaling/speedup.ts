import { CredenceError } from '../../errors';
import { compact, percent, readable } from '../numbers';
import { palette, roles } from '../palette';
import type { Annotation, ScatterTrace } from '../wire/plotly';
import type { Figure } from '../wire/messages';

/** How long the same job took on some number of workers. */
export interface ScalingPoint {
  workers: number;
  /** Seconds of each repetition, at least one. */
  seconds: ArrayLike<number>;
}

/** Options of `speedup`. */
export interface SpeedupOptions {
  /** 'strong': the job stays the same. 'weak': the job grows with the workers (samples per worker fixed). Default: 'strong'. */
  scaling?: 'strong' | 'weak';
  /** Default: 'Speed-up'. */
  title?: string;
}

/** The speed-up over the fewest workers measured: median, and the range over repetitions. */
export interface Speedup {
  workers: number;
  seconds: number;
  middle: number;
  least: number;
  most: number;
  /** Speed-up per worker; 1 is ideal. */
  efficiency: number;
}

/**
 * Draws the speed-up over the number of workers with the ideal line; each point carries its efficiency, and its bar
 * spans the repetitions.
 * @throws CredenceError E_DATA if there is no point or a time is not above 0
 */
export function speedupFigure(points: readonly ScalingPoint[], options: SpeedupOptions = {}): Figure {
  const { scaling = 'strong', title = 'Speed-up' } = options;
  const curve = speedups(points, scaling);
  const workers = curve.map((point) => point.workers);
  const last = curve.at(-1)!;
  const measured: ScatterTrace = {
    type: 'scatter',
    mode: 'lines+markers',
    name: 'measured',
    x: workers,
    y: curve.map(({ middle }) => compact(middle)),
    error_y: {
      type: 'data',
      symmetric: false,
      array: curve.map(({ most, middle }) => most - middle),
      arrayminus: curve.map(({ middle, least }) => middle - least),
      color: palette.blue,
      thickness: 1.5,
      width: 4,
    },
    line: { color: palette.blue, width: 2 },
    marker: { color: palette.blue, size: 8 },
    hovertext: curve.map(describePoint),
    hovertemplate: '%{hovertext}',
  };
  const ideal: ScatterTrace = {
    type: 'scatter',
    mode: 'lines',
    name: 'ideal',
    x: workers,
    y: workers,
    line: { color: palette.grey, width: 1.5, dash: 'dash' },
    hoverinfo: 'skip',
  };
  // Room for the last label.
  const margin = Math.max(0.3, 0.13 * (last.workers - workers[0]!));
  const room = Math.max(last.workers, ...curve.map(({ most }) => most)) * 1.08;
  return {
    title,
    description: `Speed-up over ${workers.join(', ')} workers (${scaling} scaling): ${curve
      .map(
        (point) =>
          `${readable(point.middle)} with ${point.workers} (efficiency ${percent(point.efficiency)})`,
      )
      .join(', ')}.`,
    data: [ideal, measured],
    layout: {
      hovermode: 'closest',
      xaxis: {
        title: { text: 'workers' },
        tickvals: workers,
        ticktext: workers.map(String),
        range: [workers[0]! - 0.3, last.workers + margin],
      },
      yaxis: { title: { text: 'speed-up' }, range: [0, room] },
      annotations: curve.map(efficiencyLabel),
    },
  };
}

/**
 * With w workers that take t(w), and w0 the fewest measured, the speed-up is w0 t(w0) / t(w) for strong and w t(w0) / t(w) for weak
 * scaling.
 * @throws CredenceError E_DATA if there is no point or a time is not above 0
 */
export function speedups(points: readonly ScalingPoint[], scaling: 'strong' | 'weak'): Speedup[] {
  const sorted = points.toSorted((a, b) => a.workers - b.workers);
  const [base] = sorted;
  if (!base) throw new CredenceError('E_DATA', 'speed-up figure: there is no measurement');
  const baseSeconds = median(base);
  return sorted.map((point) => {
    const { workers } = point;
    const work = scaling === 'weak' ? workers : base.workers;
    const speedup = (seconds: number): number => (work * baseSeconds) / seconds;
    const seconds = median(point);
    const middle = speedup(seconds);
    return {
      workers,
      seconds,
      middle,
      least: speedup(Math.max(...Array.from(point.seconds))),
      most: speedup(Math.min(...Array.from(point.seconds))),
      efficiency: middle / workers,
    };
  });
}

function median({ workers, seconds }: ScalingPoint): number {
  const sorted = Array.from(seconds).sort((a, b) => a - b);
  if (sorted.length === 0 || sorted.some((value) => !(value > 0))) {
    throw new CredenceError(
      'E_DATA',
      `speed-up figure: times must be above 0, got [${sorted.join(', ')}] for ${workers} workers`,
    );
  }
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** A point in words, for a hover. */
export const describePoint = ({ workers, seconds, middle, least, most, efficiency }: Speedup): string =>
  `${workers} ${workers === 1 ? 'worker' : 'workers'}: ${readable(seconds)} s\n` +
  `speed-up ${readable(middle)} (${readable(least)} to ${readable(most)})\nefficiency ${percent(efficiency)}`;

const efficiencyLabel = ({ workers, middle, efficiency }: Speedup): Annotation => ({
  text: percent(efficiency),
  x: workers,
  y: middle,
  xref: 'x',
  yref: 'y',
  showarrow: false,
  xanchor: 'left',
  yanchor: 'top',
  xshift: 7,
  yshift: -5,
  font: { size: 11, color: roles.mean },
});
