import {
  curveLinear,
  curveStepAfter,
  line,
  symbol,
  symbolCircle,
  symbolCross,
  symbolDiamond,
  symbolSquare,
} from 'd3-shape';
import { palette } from '../palette';
import type { BarTrace, ScatterTrace, Trace } from '../wire/plotly';
import { barWidth, type Axis } from './axis';
import { element, round } from './element';

/** A point in pixels, or undefined for a gap. */
type Point = readonly [number, number] | undefined;

const symbols = {
  circle: symbolCircle,
  square: symbolSquare,
  diamond: symbolDiamond,
  cross: symbolCross,
} as const;

const dashes = { solid: undefined, dot: '1.5 3', dash: '6 4' } as const;

/** The colour of a trace that does not say one. */
const defaultColor = palette.blue;

export const traceColor = (trace: Trace): string =>
  (trace.type === 'scatter'
    ? (trace.line?.color ?? trace.marker?.color ?? trace.fillcolor)
    : trace.marker?.color) ?? defaultColor;

function pointsOf(trace: Trace, x: Axis, y: Axis): Point[] {
  return trace.x.map((value, i) => {
    const [left, top] = [x.place(value), y.place(trace.y[i] ?? null)];
    return left === undefined || top === undefined ? undefined : [left, top];
  });
}

function path(points: readonly Point[], shape: 'linear' | 'hv' = 'linear'): string {
  const draw = line<Point>()
    .defined((point) => point !== undefined)
    .x((point) => point![0])
    .y((point) => point![1])
    .curve(shape === 'hv' ? curveStepAfter : curveLinear)
    .digits(1);
  return draw(points) ?? '';
}

/** A line as it is stroked, in the plot and in the legend. */
export const strokeOf = ({ line: style = {} }: ScatterTrace) => ({
  fill: 'none',
  stroke: style.color ?? defaultColor,
  'stroke-width': style.width ?? 2,
  'stroke-dasharray': dashes[style.dash ?? 'solid'],
  'stroke-linejoin': 'round',
});

/** The marker at a place, in the plot and in the legend. */
export function markerAt(trace: ScatterTrace, [x, y]: readonly [number, number]): string {
  const { size = 6, symbol: kind = 'circle', color, opacity } = trace.marker ?? {};
  const fill = color ?? trace.line?.color ?? defaultColor;
  if (kind === 'circle') return element('circle', { cx: x, cy: y, r: size / 2, fill, opacity });
  const d = symbol(symbols[kind], (Math.PI * size * size) / 4)() ?? '';
  return element('path', { d, transform: `translate(${round(x)} ${round(y)})`, fill, opacity });
}

/** Where a filled area that starts along the points of its trace goes back. */
function returnPath(
  fill: 'tozeroy' | 'tonexty' | 'toself',
  points: readonly (readonly [number, number])[],
  previous: readonly Point[],
  y: Axis,
): readonly Point[] {
  if (fill === 'toself') return [];
  if (fill === 'tonexty') return previous.filter((point) => point !== undefined).reverse();
  const base = y.place(0) ?? y.pixels[0];
  return [points.at(-1), points[0]].map((point) => point && [point[0], base]);
}

/** The points between gaps. */
function segments(points: readonly Point[]): (readonly [number, number])[][] {
  const found: (readonly [number, number])[][] = [[]];
  for (const point of points) {
    if (point) found.at(-1)!.push(point);
    else found.push([]);
  }
  return found.filter((segment) => segment.length > 0);
}

function filled(trace: ScatterTrace, points: readonly Point[], previous: readonly Point[], y: Axis): string {
  const { fill = 'none', fillcolor = defaultColor } = trace;
  if (fill === 'none') return '';
  const areas = segments(points).map(
    (segment) => `${path([...segment, ...returnPath(fill, segment, previous, y)])}Z`,
  );
  return element('path', { d: areas.join(''), fill: fillcolor });
}

function errorBars(trace: ScatterTrace, x: Axis, y: Axis): string {
  const { error_y: error } = trace;
  if (!error) return '';
  const { thickness = 1.5, width: cap = 4 } = error;
  const bars = trace.x.map((value, i) => {
    const middle = trace.y[i];
    if (typeof middle !== 'number') return '';
    const left = x.place(value);
    const top = y.place(middle + (error.array[i] ?? 0));
    const bottom = y.place(middle - (error.arrayminus[i] ?? 0));
    if (left === undefined || top === undefined || bottom === undefined) return '';
    const [l, t, b] = [round(left), round(top), round(bottom)];
    return `M${l - cap} ${t}h${2 * cap}M${l - cap} ${b}h${2 * cap}M${l} ${t}V${b}`;
  });
  return element('path', {
    d: bars.join(''),
    fill: 'none',
    stroke: error.color ?? traceColor(trace),
    'stroke-width': thickness,
  });
}

function scatter(trace: ScatterTrace, x: Axis, y: Axis, previous: Trace | undefined): string {
  const points = pointsOf(trace, x, y);
  const below = previous ? pointsOf(previous, x, y) : [];
  const markers =
    trace.mode.includes('markers') && trace.marker?.opacity !== 0
      ? points.filter((point) => point !== undefined).map((point) => markerAt(trace, point))
      : [];
  const stroke = trace.mode.includes('lines')
    ? element('path', { d: path(points, trace.line?.shape), ...strokeOf(trace) })
    : '';
  return filled(trace, points, below, y) + errorBars(trace, x, y) + stroke + markers.join('');
}

function bars(trace: BarTrace, x: Axis, y: Axis): string {
  const rects = trace.x.map((value, i) => {
    const height = trace.y[i];
    const middle = x.number(value);
    if (typeof height !== 'number' || middle === undefined) return '';
    const base = trace.base?.[i] ?? 0;
    const half = barWidth(trace, i) / 2;
    const [left, right] = [x.place(middle - half), x.place(middle + half)];
    const [foot, top] = [y.place(base) ?? y.pixels[0], y.place(base + height)];
    if (left === undefined || right === undefined || top === undefined) return '';
    return element('rect', {
      x: left,
      y: Math.min(foot, top),
      width: right - left,
      height: Math.abs(top - foot),
      fill: traceColor(trace),
    });
  });
  return rects.join('');
}

/**
 * Draws one trace.
 * @param previous the scatter trace before it on the same axes, for 'tonexty'
 */
export function drawTrace(trace: Trace, x: Axis, y: Axis, previous: Trace | undefined): string {
  const marks = trace.type === 'bar' ? bars(trace, x, y) : scatter(trace, x, y, previous);
  return trace.opacity === undefined ? marks : element('g', { opacity: trace.opacity }, marks);
}
