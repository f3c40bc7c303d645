import { CredenceError } from '../errors';
import { compact, readable } from './numbers';
import { palette, translucent } from './palette';
import type { ScatterTrace } from './wire/plotly';
import { seriesStyle } from './scaling/scalingSeries';
import type { Figure } from './wire/messages';

/** Repetitions of one experiment, measured at the same places. */
export interface Line {
  name: string;
  /** [N] */
  x: ArrayLike<number>;
  /** A list of [N] for each repetition. */
  y: readonly ArrayLike<number>[];
}

/** Options of `lines`. */
export interface LinesOptions {
  title: string;
  xTitle: string;
  yTitle: string;
  /** A horizontal line to compare with: what is ideal, or to be reached. */
  reference?: { name: string; y: number };
}

/** Markers of more points than these would hide the line. */
const MAX_MARKERS = 40;

/**
 * Draws the mean over repetitions as a line, with markers where there are few, and each repetition thinly: what differs by chance is seen
 * beside what is told of it.
 * @throws CredenceError E_DATA if there is no line or no repetition; E_SHAPE if their lengths differ
 */
export function linesFigure(lines: readonly Line[], options: LinesOptions): Figure {
  const { title, xTitle, yTitle, reference } = options;
  if (lines.length === 0) throw new CredenceError('E_DATA', 'lines figure: there is no line to draw');
  for (const line of lines) check(line);
  const x = lines.flatMap((line) => Array.from(line.x));
  const [from, to] = [Math.min(...x), Math.max(...x)];
  return {
    title,
    description: `${yTitle} over ${xTitle}: ${lines.map(describe).join('; ')}.`,
    data: [
      ...(reference ? [level(from, to, reference)] : []),
      ...lines.flatMap((line, i) => thin(line, i)),
      ...lines.map((line, i) => thick(line, i)),
    ],
    layout: { hovermode: 'closest', xaxis: { title: { text: xTitle } }, yaxis: { title: { text: yTitle } } },
  };
}

function check({ name, x, y }: Line): void {
  if (y.length === 0 || x.length === 0) {
    throw new CredenceError('E_DATA', `lines figure: '${name}' has nothing to draw`);
  }
  const wrong = y.find(({ length }) => length !== x.length);
  if (!wrong) return;
  throw new CredenceError(
    'E_SHAPE',
    `lines figure: '${name}' has ${x.length} places on the x axis, but a repetition of ${wrong.length} values: give one for each`,
  );
}

/** The mean of the repetitions at each place. */
const means = ({ x, y }: Line): number[] =>
  Array.from(x, (_, i) => y.reduce((sum, values) => sum + values[i]!, 0) / y.length);

const points = (x: ArrayLike<number>, y: ArrayLike<number>) => ({
  x: Array.from(x, compact),
  y: Array.from(y, compact),
});

function thin({ name, x, y }: Line, i: number): ScatterTrace[] {
  if (y.length === 1) return [];
  const color = translucent(seriesStyle(i).color, 0.35);
  return y.map((values) => ({
    type: 'scatter',
    mode: 'lines',
    name,
    legendgroup: name,
    showlegend: false,
    ...points(x, values),
    line: { color, width: 1 },
    hoverinfo: 'skip',
  }));
}

function thick(line: Line, i: number): ScatterTrace {
  const { line: stroke, marker } = seriesStyle(i);
  const values = means(line);
  return {
    type: 'scatter',
    mode: values.length > MAX_MARKERS ? 'lines' : 'lines+markers',
    name: line.name,
    legendgroup: line.name,
    ...points(line.x, values),
    line: stroke,
    marker,
    hovertext: values.map((value) => `${line.name}: ${readable(value)}`),
    hovertemplate: '%{hovertext}',
  };
}

const level = (from: number, to: number, { name, y }: { name: string; y: number }): ScatterTrace => ({
  type: 'scatter',
  mode: 'lines',
  name,
  x: [from, to],
  y: [y, y],
  line: { color: palette.grey, width: 1.5, dash: 'dash' },
  hoverinfo: 'skip',
});

function describe(line: Line): string {
  const values = means(line);
  const last = line.x.length - 1;
  const repetitions = line.y.length > 1 ? ` (mean of ${line.y.length})` : '';
  return `${line.name}${repetitions}: ${readable(values[0]!)} at ${readable(line.x[0]!)}, ${readable(values[last]!)} at ${readable(line.x[last]!)}`;
}
