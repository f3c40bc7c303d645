/** What a person may change of a figure while looking at it; the figure itself stays as it is. */
import { translucent, type Hex } from './palette';
import type { AxisLayout, ScatterTrace, Trace } from './wire/plotly';
import type { Figure } from './wire/messages';

/** The changes. An axis of which nothing is said is as the figure has it. */
export interface Adjustments {
  /** Weight of what was before in the smoothed line, in [0, 1). 0 leaves lines as they are. */
  smoothing: number;
  logX: boolean | undefined;
  logY: boolean | undefined;
  legend: boolean;
}

export const unadjusted: Adjustments = { smoothing: 0, logX: undefined, logY: undefined, legend: true };

/** What may sensibly be changed of a figure. */
export interface Adjustable {
  smoothing: boolean;
  logX: boolean;
  logY: boolean;
  legend: boolean;
}

/** Curves of training, over steps: noisy, and next to each other in several figures. */
export const isOverSteps = ({ layout }: Figure): boolean => layout.xaxis?.title?.text === 'step';

/** A line of many points. Those with markers are few, and were measured more carefully. */
const isCurve = (trace: Trace): trace is ScatterTrace =>
  trace.type === 'scatter' && trace.mode === 'lines' && (trace.fill ?? 'none') === 'none';

export function adjustable(figure: Figure): Adjustable {
  const { data, layout } = figure;
  const { xaxis, yaxis } = layout;
  return {
    smoothing: isOverSteps(figure) && data.some((trace) => isCurve(trace) && trace.y.length > 2),
    logX: takesLog(xaxis, data, 'x'),
    logY: takesLog(yaxis, data, 'y'),
    legend:
      layout.showlegend !== false &&
      data.filter((trace) => trace.showlegend !== false && trace.name !== undefined).length > 1,
  };
}

/** Whether all that is drawn along an axis is a number above zero: a logarithmic axis would hide anything else. */
function takesLog(axis: AxisLayout | undefined, data: readonly Trace[], side: 'x' | 'y'): boolean {
  const { type = 'linear', tickvals, visible = true } = axis ?? {};
  if (!visible || tickvals || (type !== 'linear' && type !== 'log')) return false;
  const values = data.flatMap((trace) =>
    trace.type === 'scatter' ? trace[side] : [null, 'a bar starts at 0'],
  );
  return (
    values.some((value) => typeof value === 'number') &&
    values.every((value) => value === null || (typeof value === 'number' && value > 0))
  );
}

/** The figure as a person wants to see it. */
export function adjusted(figure: Figure, { smoothing, logX, logY, legend }: Adjustments): Figure {
  const { data, layout } = figure;
  const can = adjustable(figure);
  return {
    ...figure,
    data: can.smoothing && smoothing > 0 ? data.flatMap((trace) => smoothed(trace, smoothing)) : data,
    layout: {
      ...layout,
      ...(can.logX && logX !== undefined && { xaxis: withScale(layout.xaxis, logX) }),
      ...(can.logY && logY !== undefined && { yaxis: withScale(layout.yaxis, logY) }),
      ...(legend ? {} : { showlegend: false }),
    },
  };
}

/** A range is told in the units of the scale that it was made for. */
function withScale({ range, ...axis }: AxisLayout = {}, log: boolean): AxisLayout {
  const type = log ? 'log' : 'linear';
  if (type === (axis.type ?? 'linear')) return { ...axis, ...(range && { range }) };
  return { ...axis, type, ...(log && { tickformat: '~g', nticks: 5 }) };
}

/** The line as it is, faintly, and its smoothed course. */
function smoothed(trace: Trace, weight: number): Trace[] {
  if (!isCurve(trace)) return [trace];
  const { color } = trace.line ?? {};
  const faint: ScatterTrace = {
    ...trace,
    line: {
      ...trace.line,
      width: 1,
      ...(color?.startsWith('#') && { color: translucent(color as Hex, 0.3) }),
    },
    showlegend: false,
    hoverinfo: 'skip',
  };
  delete faint.hovertemplate;
  return [faint, { ...trace, y: smooth(trace.y, weight) }];
}

/**
 * The exponential moving average s_t = w s_{t-1} + (1 - w) y_t, divided by 1 - w^t: without that (the correction of Adam, Kingma and
 * Ba, 2015) the first values would be drawn towards zero. Gaps stay gaps, and are passed over.
 */
export function smooth<T>(values: readonly (number | T)[], weight: number): (number | T)[] {
  let average = 0;
  let bias = 1;
  return values.map((value) => {
    if (typeof value !== 'number') return value;
    average = weight * average + (1 - weight) * value;
    bias *= weight;
    return average / (1 - bias);
  });
}
