import { CredenceError } from '../errors';
import { sameLength } from './check';
import { colored } from './colorScale';
import { compact, extent, readable } from './numbers';
import { enlarge, pngDataUri } from './png';
import type { PlacedImage, ScatterTrace } from './wire/plotly';
import type { Figure } from './wire/messages';

/** Where the values of a map are: the centres of its cells, evenly spaced. */
export interface MapGrid {
  /** [W]: columns, for instance degrees east. */
  x: ArrayLike<number>;
  /** [H]: rows, for instance degrees north; rising or falling. */
  y: ArrayLike<number>;
}

/** Options of a map. */
export interface MapOptions {
  title: string;
  /** Unit of the values, at the colour bar. Default: none. */
  unit?: string;
  /** Values of the first and the last colour. Default: the least and the most there are. */
  range?: readonly [number, number];
  /** Titles of the axes. Default: 'longitude' and 'latitude'. */
  xTitle?: string;
  yTitle?: string;
}

/** Shorter sides are enlarged to about this many pixels, for viewers that blur small pictures. */
const SHARP_SIZE = 160;
/** Cells that can be pointed at; of a finer map every few. */
const MAX_TARGETS = 600;
const BAR_STEPS = 64;

/**
 * Draws values on an even grid as a map with its colour bar, in viridis. What is not finite (no value there) stays empty.
 * @param values [H, W] row by row, in the order of the grid
 * @throws CredenceError E_SHAPE if the values do not fit the grid, E_DATA if the grid is not even or nothing is finite
 */
export function mapFigure(grid: MapGrid, values: ArrayLike<number>, options: MapOptions): Figure {
  const { title, unit, xTitle = 'longitude', yTitle = 'latitude' } = options;
  const [columns, rows] = [spacing('x', grid.x), spacing('y', grid.y)];
  sameLength('map figure', { 'the grid': { length: grid.x.length * grid.y.length }, values });
  const found = extent(Array.from(values));
  if (!found) throw new CredenceError('E_DATA', `map figure, ${title}: no value is finite`);
  const [from, to] = options.range ?? found;
  const range = from < to ? ([from, to] as const) : ([from - 0.5, from + 0.5] as const);
  return {
    title,
    description:
      `Map of ${grid.y.length} × ${grid.x.length} values${unit ? ` in ${unit}` : ''}: from ${readable(found[0])} to ` +
      `${readable(found[1])}, the largest at ${yTitle} ${readable(grid.y[Math.floor(largest(values) / grid.x.length)]!)}, ` +
      `${xTitle} ${readable(grid.x[largest(values) % grid.x.length]!)}.`,
    data: [targets(grid, values, unit), barTarget(range)],
    layout: {
      height: heightOf(columns, rows),
      showlegend: false,
      hovermode: 'closest',
      xaxis: { title: { text: xTitle }, range: columns.edges, domain: [0, 0.93], showgrid: false },
      yaxis: { title: { text: yTitle }, range: rows.edges, showgrid: false, zeroline: false },
      xaxis2: { range: [0, 1], domain: [0.96, 1], anchor: 'y2', visible: false },
      yaxis2: {
        range: [range[0], range[1]],
        anchor: 'x2',
        side: 'right',
        nticks: 6,
        showgrid: false,
        zeroline: false,
        ...(unit ? { title: { text: unit } } : {}),
      },
      images: [area(grid, values, columns, rows, range), bar(range)],
    },
  };
}

/** An axis of cells: how far apart, and where the first and the last end, rising. */
interface Cells {
  edges: [number, number];
  step: number;
  isRising: boolean;
}

function spacing(name: string, centres: ArrayLike<number>): Cells {
  const last = centres.length - 1;
  const step = last > 0 ? (centres[last]! - centres[0]!) / last : 1;
  const isEven = Array.from(centres).every(
    (centre, i) => Math.abs(centre - centres[0]! - i * step) <= 0.05 * Math.abs(step),
  );
  if (last < 0 || !isEven || step === 0) {
    throw new CredenceError(
      'E_DATA',
      `map figure: the ${name} of the grid must be evenly spaced, got [${Array.from(centres).slice(0, 4).map(String).join(', ')}${last > 3 ? ', ...' : ''}]`,
    );
  }
  const [first, end] = step > 0 ? [centres[0]!, centres[last]!] : [centres[last]!, centres[0]!];
  const half = Math.abs(step) / 2;
  return { edges: [first - half, end + half], step: Math.abs(step), isRising: step > 0 };
}

/** About square cells at the width of a notebook, within bounds. */
function heightOf(columns: Cells, rows: Cells): number {
  const length = ({ edges }: Cells): number => edges[1] - edges[0];
  return Math.round(Math.min(340, Math.max(220, (560 * length(rows)) / length(columns) + 60)));
}

const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce(
    (best, value, i) => (value > (values[best] ?? NaN) || !(best in values) ? i : best),
    0,
  );

/** The map as a picture, north up and west left however the grid is ordered. */
function area(
  { x, y }: MapGrid,
  values: ArrayLike<number>,
  columns: Cells,
  rows: Cells,
  range: readonly [number, number],
): PlacedImage {
  const [width, height] = [x.length, y.length];
  const turned = Float64Array.from({ length: width * height }, (_, i) => {
    const [row, column] = [Math.floor(i / width), i % width];
    return values[
      (rows.isRising ? height - 1 - row : row) * width + (columns.isRising ? column : width - 1 - column)
    ]!;
  });
  const factor = Math.max(1, Math.ceil(SHARP_SIZE / Math.min(width, height)));
  return {
    source: pngDataUri(enlarge(colored(turned, [width, height], range), factor)),
    x: (columns.edges[0] + columns.edges[1]) / 2,
    y: (rows.edges[0] + rows.edges[1]) / 2,
    sizex: columns.edges[1] - columns.edges[0],
    sizey: rows.edges[1] - rows.edges[0],
    xref: 'x',
    yref: 'y',
    xanchor: 'center',
    yanchor: 'middle',
    sizing: 'stretch',
  };
}

function bar([from, to]: readonly [number, number]): PlacedImage {
  const steps = Float64Array.from({ length: BAR_STEPS }, (_, i) => 1 - i / (BAR_STEPS - 1));
  return {
    source: pngDataUri(enlarge(colored(steps, [1, BAR_STEPS], [0, 1]), 4)),
    x: 0.5,
    y: (from + to) / 2,
    sizex: 1,
    sizey: to - from,
    xref: 'x2',
    yref: 'y2',
    xanchor: 'center',
    yanchor: 'middle',
    sizing: 'stretch',
  };
}

/** Not to be seen, only to be pointed at. */
const hidden = { opacity: 0, size: 8 } as const;

function targets({ x, y }: MapGrid, values: ArrayLike<number>, unit: string | undefined): ScatterTrace {
  const stride = Math.max(1, Math.ceil(Math.sqrt((x.length * y.length) / MAX_TARGETS)));
  const cells: { column: number; row: number }[] = [];
  for (let row = 0; row < y.length; row += stride) {
    for (let column = 0; column < x.length; column += stride) cells.push({ column, row });
  }
  const value = (at: { column: number; row: number }): string =>
    readable(values[at.row * x.length + at.column]!);
  return {
    type: 'scatter',
    mode: 'markers',
    x: cells.map(({ column }) => compact(x[column]!)),
    y: cells.map(({ row }) => compact(y[row]!)),
    marker: hidden,
    hovertext: cells.map(value),
    hovertemplate: `%{x}, %{y}: %{hovertext}${unit ? ` ${unit}` : ''}`,
  };
}

/** The axes of the colour bar are drawn because there is a trace on them. */
const barTarget = ([from, to]: readonly [number, number]): ScatterTrace => ({
  type: 'scatter',
  mode: 'markers',
  xaxis: 'x2',
  yaxis: 'y2',
  x: [0.5, 0.5],
  y: [from, to],
  marker: hidden,
  hoverinfo: 'skip',
});
