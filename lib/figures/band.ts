import { normalQuantile } from '../metrics/normal';
import { sameLength } from './check';
import { downsample, MAX_POINTS } from './downsample';
import { compact, extent, percent, pick, readable } from './numbers';
import { roles, translucent, type Hex } from './palette';
import type { AxisLayout, Layout, ScatterTrace } from './wire/plotly';
import type { Figure } from './wire/messages';

/** The values between which a share of the distribution lies at each x; arrays are [N]. */
export interface Interval {
  /** The share inside, in (0, 1): 0.9. */
  level: number;
  lower: ArrayLike<number>;
  upper: ArrayLike<number>;
}

/** A prediction over one input. All arrays are [N], in the units of y; x need not be sorted. */
export interface Band {
  x: ArrayLike<number>;
  mean: ArrayLike<number>;
  /** Spread of the mean over weight samples: standard deviations (drawn as normal intervals) or intervals. */
  epistemic?: ArrayLike<number> | readonly Interval[];
  /** Spread of what will be observed, aleatoric and epistemic: standard deviations or intervals. */
  total: ArrayLike<number> | readonly Interval[];
  /** The two parts of the spread as standard deviations, to be drawn apart as well. */
  parts?: { aleatoric: ArrayLike<number>; epistemic: ArrayLike<number> };
}

/** Probabilities of the intervals that are drawn where nobody asks for others. */
export const LEVELS: readonly number[] = [0.5, 0.9];

export interface BandOptions {
  /** Observations to draw over the band. */
  data?: { x: ArrayLike<number>; y: ArrayLike<number> };
  /** The function that made the data, where it is known. */
  truth?: { x: ArrayLike<number>; y: ArrayLike<number> };
  /** Shares inside the intervals made of standard deviations. Default: [0.5, 0.9]. */
  levels?: readonly number[];
  /** Whether x is time in milliseconds since 1970 (UTC). Default: false. */
  time?: boolean;
  /** Default: 'Prediction with uncertainty'. */
  title?: string;
  /** Titles of the axes. Default: 'x' ('time' on a time axis) and 'y'. */
  xTitle?: string;
  yTitle?: string;
}

/**
 * Draws a mean with two nested bands: what is not known about the function (epistemic) inside what is not known about
 * the next observation (total). Where the parts of the uncertainty are given, their sizes are drawn below.
 * @throws CredenceError E_SHAPE if the arrays do not have the same length
 */
export function bandFigure(band: Band, options: BandOptions = {}): Figure {
  const { data, truth, levels = LEVELS, time = false } = options;
  const { title = 'Prediction with uncertainty', xTitle = time ? 'time' : 'x', yTitle = 'y' } = options;
  const { x, mean } = band;
  sameLength('band figure', { x, mean });
  const total = intervals('total', mean, band.total, levels);
  const epistemic = band.epistemic ? intervals('epistemic', mean, band.epistemic, levels) : [];
  const order = drawnPoints(x, total[0] ?? { level: 0, lower: mean, upper: mean });
  const traces = [
    ...fan('total', roles.aleatoric, x, order, total, epistemic[0]),
    ...fan('epistemic', roles.epistemic, x, order, epistemic),
  ];
  if (truth) {
    sameLength('band figure, truth', truth);
    traces.push(line('truth', roles.truth, truth, { dash: 'dash', width: 1.5 }));
  }
  traces.push({
    type: 'scatter',
    mode: 'lines',
    name: 'mean',
    x: pick(x, order),
    y: pick(mean, order),
    line: { color: roles.mean, width: 2 },
  });
  if (data) {
    sameLength('band figure, data', data);
    traces.push(points(data));
  }
  const { parts } = band;
  if (parts) traces.push(...partLines(x, order, parts));
  const xaxis = { title: { text: xTitle }, type: time ? 'date' : 'linear' } as const;
  return {
    title,
    description:
      describeBand(mean, total, epistemic, data?.x.length ?? 0) + (parts ? describeParts(parts) : ''),
    data: traces,
    layout: {
      hovermode: 'closest',
      ...(parts ? twoPanes(xaxis, yTitle, parts) : { xaxis, yaxis: { title: { text: yTitle } } }),
    },
  };
}

/** The band above, the parts of its width below. */
function twoPanes(xaxis: AxisLayout, yTitle: string, parts: NonNullable<Band['parts']>): Layout {
  const [, most] = extent([...Array.from(parts.aleatoric), ...Array.from(parts.epistemic)]) ?? [0, 1];
  return {
    height: 420,
    xaxis: { ...xaxis, anchor: 'y2' },
    yaxis: { title: { text: yTitle }, domain: [0.36, 1] },
    yaxis2: { title: { text: 'std' }, domain: [0, 0.27], nticks: 4, range: [0, 1.08 * most || 1] },
  };
}

/** Both standard deviations over x. */
function partLines(
  x: ArrayLike<number>,
  order: readonly number[],
  { aleatoric, epistemic }: NonNullable<Band['parts']>,
): ScatterTrace[] {
  sameLength('band figure, parts', { x, aleatoric, epistemic });
  const part = (name: 'aleatoric' | 'epistemic', values: ArrayLike<number>): ScatterTrace => ({
    type: 'scatter',
    mode: 'lines',
    name: `${name} std`,
    yaxis: 'y2',
    x: pick(x, order),
    y: pick(values, order),
    line: { color: roles[name], width: 2 },
    hovertemplate: `${name} %{y:.3g}`,
  });
  return [part('aleatoric', aleatoric), part('epistemic', epistemic)];
}

function describeParts({ aleatoric, epistemic }: NonNullable<Band['parts']>): string {
  const mean = (values: ArrayLike<number>): string =>
    readable(Array.from(values).reduce((sum, value) => sum + value, 0) / values.length);
  return ` Standard deviations on average: aleatoric ${mean(aleatoric)}, epistemic ${mean(epistemic)}.`;
}

/** Widest first, so that narrower ones are drawn over it. */
function intervals(
  name: string,
  mean: ArrayLike<number>,
  spread: ArrayLike<number> | readonly Interval[],
  levels: readonly number[],
): Interval[] {
  const given = isIntervals(spread) ? spread : levels.map((level) => normalInterval(mean, spread, level));
  for (const { level, lower, upper } of given) {
    sameLength(`band figure, ${percent(level)} interval of ${name}`, { mean, lower, upper });
  }
  return [...given].sort((a, b) => b.level - a.level);
}

const isIntervals = (spread: ArrayLike<number> | readonly Interval[]): spread is readonly Interval[] =>
  typeof spread[0] === 'object';

/** mean -/+ z std, with the z that leaves (1 - level) / 2 of a normal distribution on either side. */
function normalInterval(mean: ArrayLike<number>, std: ArrayLike<number>, level: number): Interval {
  sameLength('band figure', { mean, std });
  const z = normalQuantile((1 + level) / 2);
  const lower = new Float64Array(mean.length);
  const upper = new Float64Array(mean.length);
  for (let i = 0; i < mean.length; i++) {
    lower[i] = mean[i]! - z * std[i]!;
    upper[i] = mean[i]! + z * std[i]!;
  }
  return { level, lower, upper };
}

/** Each band is a polygon of twice as many points, so fewer than on a line. */
const BAND_POINTS = 240;

/** Indices of the points to draw, by rising x: the extremes of both edges of the widest band are among them. */
function drawnPoints(x: ArrayLike<number>, widest: Interval): number[] {
  const sorted = Array.from(x, (_, i) => i).sort((a, b) => x[a]! - x[b]!);
  const edge = (values: ArrayLike<number>): number[] =>
    downsample(
      sorted.map((i) => values[i]!),
      sorted.length <= BAND_POINTS ? sorted.length : BAND_POINTS / 2,
    );
  const kept = new Set([...edge(widest.lower), ...edge(widest.upper)]);
  return [...kept].sort((a, b) => a - b).map((rank) => sorted[rank]!);
}

/**
 * Nested bands of one colour. Around a `core`, each is only drawn outside of the core, above it and below it, since
 * colours that lie over each other would mix to a third.
 */
function fan(
  name: string,
  color: Hex,
  x: ArrayLike<number>,
  order: readonly number[],
  spread: readonly Interval[],
  core?: Interval,
): ScatterTrace[] {
  const finite = (i: number): boolean =>
    [...spread, ...(core ? [core] : [])].every(({ lower, upper }) => Number.isFinite(lower[i]! + upper[i]!));
  const along = order.filter(finite);
  const area = (from: ArrayLike<number>, to: ArrayLike<number>) => polygon(x, along, from, to);
  const levels = spread.map(({ level }) => Math.round(100 * level)).reverse();
  return spread.map(({ lower, upper }, rank) => {
    const areas = core
      ? [
          area(core.upper, furthest(Math.max, core.upper, upper)),
          area(core.lower, furthest(Math.min, core.lower, lower)),
        ]
      : [area(lower, upper)];
    return {
      type: 'scatter',
      mode: 'none',
      name: `${name} ${levels.join(', ')} %`,
      legendgroup: name,
      showlegend: rank === 0,
      x: areas.flatMap((points) => [...points.x, null]).slice(0, -1),
      y: areas.flatMap((points) => [...points.y, null]).slice(0, -1),
      fill: 'toself',
      fillcolor: translucent(color, 0.32),
      hoverinfo: 'skip',
    };
  });
}

/** Along one edge and back along the other. */
function polygon(
  x: ArrayLike<number>,
  along: readonly number[],
  from: ArrayLike<number>,
  to: ArrayLike<number>,
): { x: (number | null)[]; y: (number | null)[] } {
  const back = [...along].reverse();
  return { x: [...pick(x, along), ...pick(x, back)], y: [...pick(from, along), ...pick(to, back)] };
}

const furthest = (
  choose: (a: number, b: number) => number,
  core: ArrayLike<number>,
  edge: ArrayLike<number>,
): Float64Array => Float64Array.from(core, (value, i) => choose(value, edge[i]!));

function line(
  name: string,
  color: Hex,
  { x, y }: { x: ArrayLike<number>; y: ArrayLike<number> },
  style: ScatterTrace['line'],
): ScatterTrace {
  const indices = downsample(y, MAX_POINTS);
  return {
    type: 'scatter',
    mode: 'lines',
    name,
    x: pick(x, indices),
    y: pick(y, indices),
    line: { color, ...style },
  };
}

function points({ x, y }: { x: ArrayLike<number>; y: ArrayLike<number> }): ScatterTrace {
  const indices = downsample(y, MAX_POINTS);
  const size = indices.length > 150 ? 4 : 6;
  return {
    type: 'scatter',
    mode: 'markers',
    name: indices.length < y.length ? `data (${indices.length} of ${y.length})` : 'data',
    x: pick(x, indices),
    y: pick(y, indices),
    marker: { color: roles.data, size, opacity: 0.8 },
  };
}

function describeBand(
  mean: ArrayLike<number>,
  [total]: readonly Interval[],
  [epistemic]: readonly Interval[],
  count: number,
): string {
  if (mean.length === 0 || !total)
    return 'Predictive mean with uncertainty bands; there is no prediction yet.';
  const width = (interval: Interval): string => readable(compact(meanWidth(interval)) ?? NaN);
  return (
    `Predictive mean at ${mean.length} points with a ${percent(total.level)} interval that is ${width(total)} wide on average` +
    `${epistemic ? `; the epistemic part alone, at ${percent(epistemic.level)}, is ${width(epistemic)} wide` : ''}` +
    `${count > 0 ? `; ${count} observations are drawn` : ''}.`
  );
}

function meanWidth({ lower, upper }: Interval): number {
  let sum = 0;
  for (let i = 0; i < lower.length; i++) sum += upper[i]! - lower[i]!;
  return sum / lower.length;
}
