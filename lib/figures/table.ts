import { palette } from './palette';
import type { Annotation } from './wire/plotly';
import type { Figure } from './wire/messages';

/** Pixels of a row, and of the room around the table. */
const ROW = 24;
const ROOM = 20;

/**
 * Draws a table: the first column to the left, all others, which hold numbers, to the right; as wide as their text asks.
 * @param rows of cells, the first of which is the heading
 */
export function tableFigure(title: string, rows: readonly (readonly string[])[]): Figure {
  const [heading = []] = rows;
  const widths = heading.map((_, column) => 2 + Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const ends = widths.map((_, column) => widths.slice(0, column + 1).reduce((sum, width) => sum + width, 0));
  const total = ends.at(-1) ?? 1;
  const cell = (text: string, row: number, column: number): Annotation => ({
    text,
    x: column === 0 ? 0 : ends[column]! / total,
    y: row + 0.5,
    xref: 'x',
    yref: 'y',
    showarrow: false,
    xanchor: column === 0 ? 'left' : 'right',
    yanchor: 'middle',
    font: { size: 12 },
  });
  return {
    title,
    description: rows
      .slice(1)
      .map((row) => row.map((text, i) => (i === 0 ? text : `${heading[i]} ${text}`)).join(', '))
      .join('; '),
    data: [
      {
        type: 'scatter',
        mode: 'lines',
        x: [0, 1],
        y: [1, 1],
        line: { color: palette.grey, width: 1 },
        hoverinfo: 'skip',
      },
    ],
    layout: {
      height: rows.length * ROW + ROOM,
      showlegend: false,
      xaxis: { range: [0, 1], visible: false },
      yaxis: { range: [rows.length, 0], visible: false },
      annotations: rows.flatMap((row, i) => row.map((text, column) => cell(text, i, column))),
    },
  };
}
