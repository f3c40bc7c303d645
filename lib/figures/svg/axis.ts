import { scaleLinear, scaleLog, scaleUtc } from 'd3-scale';
import { extent } from '../numbers';
import type { AxisLayout, Coordinate, Trace } from '../wire/plotly';
import type { Figure } from '../wire/messages';

export type AxisId = 'x' | 'x2' | 'y' | 'y2';

export interface Tick {
  /** Pixels. */
  at: number;
  label: string;
}

/** An axis that knows its pixels. */
export interface Axis {
  id: AxisId;
  layout: AxisLayout;
  /** The pixels it spans, rising on x and falling on y. */
  pixels: readonly [number, number];
  /** The value as a number of the axis: a category is its position in the list. */
  number: (value: Coordinate) => number | undefined;
  /** Where a value lies, or undefined where it has no place: a gap, or not above 0 on a log axis. */
  place: (value: Coordinate) => number | undefined;
  ticks: Tick[];
}

export const axisLayout = ({ layout }: Figure, id: AxisId): AxisLayout =>
  layout[id.replace(/^[xy]/, '$&axis') as 'xaxis' | 'xaxis2' | 'yaxis' | 'yaxis2'] ?? {};

const isX = (id: AxisId): boolean => id.startsWith('x');

/** The axes that the traces of a figure are drawn on, x first; a figure without traces has one of each. */
export function axisIds({ data }: Figure): AxisId[] {
  const ids = new Set<AxisId>(['x', 'y']);
  for (const { xaxis = 'x', yaxis = 'y' } of data) ids.add(xaxis).add(yaxis);
  return [...ids].sort();
}

const tracesOn = ({ data }: Figure, id: AxisId): Trace[] =>
  data.filter(({ xaxis = 'x', yaxis = 'y' }) => (isX(id) ? xaxis : yaxis) === id);

const isNumber = (value: Coordinate | undefined): value is number => typeof value === 'number';

/** Every number that must be visible on the axis. */
function* shownValues(trace: Trace, id: AxisId): Generator<number> {
  const values = isX(id) ? trace.x : trace.y;
  for (const [i, value] of values.entries()) {
    if (!isNumber(value)) continue;
    yield value;
    if (trace.type === 'bar') {
      if (isX(id)) {
        yield value - barWidth(trace, i) / 2;
        yield value + barWidth(trace, i) / 2;
      } else {
        const base = trace.base?.[i] ?? 0;
        yield base;
        yield base + value;
      }
    } else if (!isX(id)) {
      if (trace.error_y) {
        yield value + (trace.error_y.array[i] ?? 0);
        yield value - (trace.error_y.arrayminus[i] ?? 0);
      }
      if (trace.fill === 'tozeroy') yield 0;
    }
  }
}

/** Width of a bar in units of its x axis. */
export const barWidth = (trace: Extract<Trace, { type: 'bar' }>, i: number): number =>
  trace.width?.[i] ?? 0.8;

/** First and last value: what the layout says, or what the traces need with a little room. */
function domain(figure: Figure, id: AxisId, log: boolean): [number, number] {
  const { range } = axisLayout(figure, id);
  if (range) return log ? [10 ** range[0], 10 ** range[1]] : [range[0], range[1]];
  const traces = tracesOn(figure, id);
  const numbers = traces.flatMap((trace) => [...shownValues(trace, id)]);
  const found = extent(log ? numbers.filter((value) => value > 0) : numbers) ?? (log ? [1, 10] : [0, 1]);
  const roomy =
    !isX(id) || traces.some((trace) => trace.type === 'scatter' && trace.mode.includes('markers'));
  const [least, most] = found[0] < found[1] ? found : widened(found[0], log);
  if (!roomy) return [least, most];
  if (log) {
    const factor = (most / least) ** 0.05;
    return [least / factor, most * factor];
  }
  const room = (most - least) * 0.05;
  // Bars stand on zero.
  const onZero = least === 0 && traces.every(({ type }) => type === 'bar');
  return [onZero ? 0 : least - room, most + room];
}

/** A range around a single value. */
function widened(value: number, log: boolean): [number, number] {
  if (log) return [value / 2, value * 2];
  const room = Math.abs(value) * 0.1 || 1;
  return [value - room, value + room];
}

/** Categories are placed at 0, 1, 2, ... in the order in which they first appear. */
function categoriesOf(figure: Figure, id: AxisId): string[] {
  const values = tracesOn(figure, id).flatMap<Coordinate>(({ x, y }) => (isX(id) ? x : y));
  return [...new Set(values.filter((value) => typeof value === 'string'))];
}

/**
 * Lays an axis out.
 * @param spacing pixels between two ticks at least
 */
export function makeAxis(
  figure: Figure,
  id: AxisId,
  pixels: readonly [number, number],
  spacing: number,
): Axis {
  const layout = axisLayout(figure, id);
  const categories = categoriesOf(figure, id);
  if (categories.length > 0) return categoryAxis(id, layout, categories, pixels);
  const room = Math.max(2, Math.floor(Math.abs(pixels[1] - pixels[0]) / spacing));
  const count = Math.min(room, layout.nticks ?? room);
  const values = domain(figure, id, layout.type === 'log');
  const scale =
    layout.type === 'log'
      ? scaleLog(values, pixels)
      : layout.type === 'date'
        ? scaleUtc(values, pixels)
        : scaleLinear(values, pixels);
  const place = (value: Coordinate): number | undefined => {
    const at = isNumber(value) ? scale(value) : undefined;
    return at !== undefined && Number.isFinite(at) ? at : undefined;
  };
  const { tickvals, ticktext, tickformat } = layout;
  const format = scale.tickFormat(count, tickformat) as (value: number | Date) => string;
  const ticks: (number | Date)[] = tickvals ?? scale.ticks(count);
  return {
    id,
    layout,
    pixels,
    number: (value) => (isNumber(value) ? value : undefined),
    place,
    ticks: ticks.map((value, i) => ({
      at: scale(value),
      label: ticktext?.[i] ?? format(value),
    })),
  };
}

function categoryAxis(
  id: AxisId,
  layout: AxisLayout,
  categories: readonly string[],
  pixels: readonly [number, number],
): Axis {
  const scale = scaleLinear([-0.5, categories.length - 0.5], pixels);
  const number = (value: Coordinate): number | undefined => {
    if (isNumber(value)) return value;
    const index = categories.indexOf(value ?? '');
    return index < 0 ? undefined : index;
  };
  return {
    id,
    layout,
    pixels,
    number,
    place: (value) => {
      const position = number(value);
      return position === undefined ? undefined : scale(position);
    },
    ticks: categories.map((label, i) => ({ at: scale(i), label })),
  };
}
