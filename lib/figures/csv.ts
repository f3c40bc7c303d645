import type { Coordinate } from './wire/plotly';
import type { Figure } from './wire/messages';

/** A spreadsheet would take such a text for a formula, and run it. */
const FORMULA = /^[=+\-@\t\r]/;

/** A cell as RFC 4180 has it: in quotes where it holds a comma, a quote or a line break. A gap is empty. */
function cell(value: Coordinate): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Milliseconds since 1970 as a date that spreadsheets read. */
const date = (value: Coordinate): Coordinate =>
  typeof value === 'number' ? new Date(value).toISOString() : value;

/** The points of a figure's traces as a table: trace, x, y; one point a line, lines end with CR LF. */
export function figureCsv({ data, layout }: Figure): string {
  const isDate = layout.xaxis?.type === 'date';
  const rows = data.flatMap(({ name = '', x, y }) =>
    x.map((at, i) => [name, isDate ? date(at) : at, y[i] ?? null]),
  );
  return [['trace', 'x', 'y'], ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}
