import { escapePlotly } from './escape';
import type { Annotation, AxisLayout, Coordinate, Trace } from './wire/plotly';
import type { Figure } from './wire/messages';

/** A figure that can be handed to Plotly.js. */
export interface PlotlyFigure {
  data: Record<string, unknown>[];
  layout: Record<string, unknown>;
}

/** For some properties of a T, what they become. */
type Changes<T> = { readonly [K in keyof T]?: (value: NonNullable<T[K]>) => unknown };

/** A copy with some properties changed, and without those that are undefined: Plotly stumbles over them. */
function changed<T extends object>(original: T, changes: Changes<T>): Record<string, unknown> {
  const byName = changes as Readonly<Record<string, ((value: unknown) => unknown) | undefined>>;
  return Object.fromEntries(
    Object.entries(original)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]: [string, unknown]) => [name, byName[name]?.(value) ?? value]),
  );
}

const texts = (list: readonly string[]): string[] => list.map(escapePlotly);

/** Categories are drawn as text too. */
const coordinates = (values: readonly Coordinate[]): Coordinate[] =>
  values.map((value) => (typeof value === 'string' ? escapePlotly(value) : value));

export const plotlyAxis = (axis: AxisLayout): Record<string, unknown> =>
  changed(axis, { title: ({ text }) => ({ text: escapePlotly(text), standoff: 6 }), ticktext: texts });

export const plotlyTrace = (trace: Trace): Record<string, unknown> =>
  changed(trace, {
    x: coordinates,
    y: coordinates,
    name: escapePlotly,
    hovertext: texts,
    // <extra> is the box beside the hover that would repeat the trace's name.
    hovertemplate: (template) => `${escapePlotly(template)}<extra></extra>`,
  });

export const plotlyAnnotation = (annotation: Annotation): Record<string, unknown> =>
  changed(annotation, { text: escapePlotly });

/** Translates a figure of the wire, whose texts are plain, for Plotly, which would read markup in them. */
export const toPlotly = ({ data, layout }: Figure): PlotlyFigure => ({
  data: data.map(plotlyTrace),
  layout: changed(layout, {
    xaxis: plotlyAxis,
    xaxis2: plotlyAxis,
    yaxis: plotlyAxis,
    yaxis2: plotlyAxis,
    annotations: (annotations) => annotations.map(plotlyAnnotation),
  }),
});
