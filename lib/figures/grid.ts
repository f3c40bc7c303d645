import { escapePlotly } from './escape';
import type { Layout } from './wire/plotly';
import { plotlyAnnotation, plotlyAxis, plotlyTrace, type PlotlyFigure } from './toPlotly';
import type { Figure } from './wire/messages';

/** Pixels: of a row, of the room above its plots for title and legend, and below them for tick labels and axis title. */
const ROW_HEIGHT = 340;
const ROOM_ABOVE = 50;
const ROOM_BELOW = 65;
/** The room between two columns, as a share of the width. */
const GUTTER = 0.1;

/** The part of the whole that a figure has, from 0 to 1 along each axis; y points up. */
interface Cell {
  x: readonly [number, number];
  y: readonly [number, number];
}

/**
 * Puts several figures into one Plotly figure, two in a row: for front ends that know Plotly's format but not ours.
 * Axes and legends are numbered through, and each figure's title stands above its plot.
 */
export function combineFigures(figures: readonly Figure[]): PlotlyFigure {
  const columns = Math.min(2, Math.max(1, figures.length));
  const rows = Math.ceil(figures.length / columns);
  const placed = figures.map((figure, index) => place(figure, index, cellOf(index, columns, rows)));
  return {
    data: placed.flatMap(({ data }) => data),
    layout: {
      height: rows * ROW_HEIGHT,
      margin: { t: 0, r: 20, b: 0, l: 60 },
      barmode: 'overlay',
      ...Object.fromEntries(placed.flatMap(({ named }) => named)),
      annotations: placed.flatMap(({ annotations }) => annotations),
      images: placed.flatMap(({ images }) => images),
    },
  };
}

function cellOf(index: number, columns: number, rows: number): Cell {
  const [column, row] = [index % columns, Math.floor(index / columns)];
  const width = (1 - GUTTER * (columns - 1)) / columns;
  const left = column * (width + GUTTER);
  const height = rows * ROW_HEIGHT;
  return {
    x: [left, left + width],
    y: [1 - ((row + 1) * ROW_HEIGHT - ROOM_BELOW) / height, 1 - (row * ROW_HEIGHT + ROOM_ABOVE) / height],
  };
}

/** What one figure adds to the whole; `named` are its axes and its legend, by their new names. */
interface Placed {
  data: Record<string, unknown>[];
  named: (readonly [name: string, value: unknown])[];
  annotations: Record<string, unknown>[];
  images: Record<string, unknown>[];
}

function place({ title, data, layout }: Figure, index: number, cell: Cell): Placed {
  const legend = index === 0 ? 'legend' : `legend${index + 1}`;
  const number = (id: string): string => renumbered(id, index);
  const moved = <T extends { xref: string; yref: string }>({ xref, yref, ...rest }: T) => ({
    ...rest,
    xref: number(xref),
    yref: number(yref),
  });
  return {
    data: data.map((trace) => ({
      ...plotlyTrace(trace),
      xaxis: number(trace.xaxis ?? 'x'),
      yaxis: number(trace.yaxis ?? 'y'),
      legend,
      ...(trace.legendgroup === undefined ? {} : { legendgroup: `${index} ${trace.legendgroup}` }),
      ...(layout.showlegend === false ? { showlegend: false } : {}),
    })),
    named: [...namedAxes(layout, index, cell), [legend, legendIn(cell)]],
    annotations: [
      heading(title, cell),
      ...(layout.annotations ?? []).map((annotation) => ({
        ...plotlyAnnotation(annotation),
        ...moved({ xref: annotation.xref, yref: annotation.yref }),
      })),
    ],
    images: (layout.images ?? []).map(moved),
  };
}

/** The axes of a figure by their new names, moved into its cell. */
const namedAxes = (layout: Layout, index: number, cell: Cell) =>
  (['xaxis', 'xaxis2', 'yaxis', 'yaxis2'] as const)
    .filter((name) => name in layout || !name.endsWith('2'))
    .map((name) => {
      const axis = layout[name] ?? {};
      const side = name.startsWith('x') ? 'x' : 'y';
      const { domain = [0, 1], anchor = side === 'x' ? 'y' : 'x' } = axis;
      const [from, to] = cell[side];
      return [
        renumbered(name.replace('axis', ''), index).replace(side, `${side}axis`),
        {
          ...plotlyAxis(axis),
          domain: domain.map((share) => from + (to - from) * share),
          anchor: renumbered(anchor, index),
        },
      ] as const;
    });

/** Each figure may have two axes of a kind: 'x' and 'x2' of figure 1 become 'x3' and 'x4'. */
function renumbered(id: string, index: number): string {
  const [side, own] = [id.charAt(0), id.slice(1)];
  const number = 2 * index + Number(own || '1');
  return number === 1 ? side : `${side}${number}`;
}

const legendIn = ({ x, y }: Cell): Record<string, unknown> => ({
  orientation: 'h',
  x: x[0],
  y: y[1],
  xanchor: 'left',
  yanchor: 'bottom',
  font: { size: 10 },
});

const heading = (title: string, { x, y }: Cell): Record<string, unknown> => ({
  text: escapePlotly(title),
  x: x[0],
  y: y[1],
  xref: 'paper',
  yref: 'paper',
  xanchor: 'left',
  yanchor: 'bottom',
  yshift: 22,
  showarrow: false,
  font: { size: 14 },
});
