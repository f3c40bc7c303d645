import { CredenceError } from '../../errors';
import { readable } from '../numbers';
import { type Hex, palette } from '../palette';
import type { AxisLayout, ScatterTrace } from '../wire/plotly';

/** Values over some axis, one line of a figure about scaling. */
export interface Series<P> {
  /** 'samples shared, S = 16' */
  name: string;
  points: readonly P[];
}

/** A value measured at a place on the x axis: workers, or samples of a worker. */
export interface Reading {
  x: number;
  /** null where it is not known. */
  y: number | null;
}

const colors: readonly Hex[] = [palette.blue, palette.orange, palette.green, palette.purple, palette.red];
const symbols = ['circle', 'square', 'diamond', 'cross'] as const;

/** Line and markers of the i-th series: told apart by colour, and by symbol where colours come round. */
export function seriesStyle(i: number): Pick<ScatterTrace, 'line' | 'marker'> & { color: Hex } {
  const color = colors[i % colors.length]!;
  return {
    color,
    line: { color, width: 2 },
    marker: { color, size: 8, symbol: symbols[i % symbols.length] },
  };
}

/** An axis of counts that double, such as workers: each is a tick, and the ends have some room. */
export function doublingAxis(counts: readonly number[], title: string): AxisLayout {
  const ticks = [...new Set(counts)].sort((a, b) => a - b);
  const [first, last] = [Math.log10(ticks[0]!), Math.log10(ticks.at(-1)!)];
  const room = Math.max(0.05, 0.06 * (last - first));
  return {
    title: { text: title },
    type: 'log',
    tickvals: ticks,
    ticktext: ticks.map(String),
    range: [first - room, last + room],
  };
}

/** One line for each series; a reading that is not known is a gap. */
export const seriesTraces = (series: readonly Series<Reading>[], unit: string): ScatterTrace[] =>
  series.map(({ name, points }, i) => {
    const { line, marker } = seriesStyle(i);
    return {
      type: 'scatter',
      mode: 'lines+markers',
      name,
      x: points.map(({ x }) => x),
      y: points.map(({ y }) => y),
      line,
      marker,
      hovertext: points.map(({ y }) => `${name}: ${y === null ? 'not known' : `${readable(y)} ${unit}`}`),
      hovertemplate: '%{hovertext}',
    };
  });

/** @throws CredenceError E_DATA */
export function assertSomething(what: string, series: readonly Series<unknown>[]): void {
  if (series.some(({ points }) => points.length > 0)) return;
  throw new CredenceError('E_DATA', `${what}: there is no measurement`);
}
