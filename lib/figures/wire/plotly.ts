/**
 * The part of Plotly's figure format that travels on the wire, as a schema: what is not listed here is dropped when a
 * view is read, so a payload reaches Plotly only through fields that are known to be harmless. It is also the part
 * that the static pictures (svg/) can draw. Names and meanings are Plotly's, with one exception: all text is plain
 * text, in which '\n' starts a line; `toPlotly` translates it into what Plotly expects.
 */
import * as v from 'valibot';

/** A coordinate: a number (on a date axis milliseconds since 1970, UTC), a category, or null for a gap. */
const coordinate = v.nullable(v.union([v.number(), v.string()]));
export type Coordinate = v.InferOutput<typeof coordinate>;
const coordinates = v.array(coordinate);

const xAxisId = v.picklist(['x', 'x2']);
const yAxisId = v.picklist(['y', 'y2']);
const color = v.string();

/** What all traces have. */
const common = {
  x: coordinates,
  y: coordinates,
  xaxis: v.optional(xAxisId),
  yaxis: v.optional(yAxisId),
  /** The entry in the legend. */
  name: v.optional(v.string()),
  showlegend: v.optional(v.boolean()),
  /** Traces of one group share one legend entry. */
  legendgroup: v.optional(v.string()),
  opacity: v.optional(v.number()),
  /** One text for each point, for `%{hovertext}` in the template. */
  hovertext: v.optional(v.array(v.string())),
  /** What a hover shows, with Plotly's `%{x}`, `%{y:.3f}`, `%{hovertext}`. */
  hovertemplate: v.optional(v.string()),
  hoverinfo: v.optional(v.literal('skip')),
};

const scatter = v.object({
  ...common,
  type: v.literal('scatter'),
  mode: v.picklist(['lines', 'markers', 'lines+markers', 'none']),
  line: v.optional(
    v.object({
      color: v.optional(color),
      width: v.optional(v.number()),
      dash: v.optional(v.picklist(['solid', 'dot', 'dash'])),
      shape: v.optional(v.picklist(['linear', 'hv'])),
    }),
  ),
  marker: v.optional(
    v.object({
      color: v.optional(color),
      size: v.optional(v.number()),
      symbol: v.optional(v.picklist(['circle', 'square', 'diamond', 'cross'])),
      opacity: v.optional(v.number()),
    }),
  ),
  /** 'tonexty' fills to the trace before this one, 'toself' the polygon of the points. */
  fill: v.optional(v.picklist(['none', 'tozeroy', 'tonexty', 'toself'])),
  fillcolor: v.optional(color),
  error_y: v.optional(
    v.object({
      type: v.literal('data'),
      symmetric: v.literal(false),
      /** How far the bar reaches above and below each point. */
      array: v.array(v.number()),
      arrayminus: v.array(v.number()),
      color: v.optional(color),
      /** Pixels: of the line, and of the half of the cap at its end. */
      thickness: v.optional(v.number()),
      width: v.optional(v.number()),
    }),
  ),
});
export type ScatterTrace = v.InferOutput<typeof scatter>;

const bar = v.object({
  ...common,
  type: v.literal('bar'),
  /** Where each bar starts; 0 unless given. */
  base: v.optional(v.array(v.number())),
  /** Width of each bar in units of the x axis. */
  width: v.optional(v.array(v.number())),
  marker: v.optional(v.object({ color: v.optional(color) })),
});
export type BarTrace = v.InferOutput<typeof bar>;

export const trace = v.variant('type', [scatter, bar]);
export type Trace = v.InferOutput<typeof trace>;

const axis = v.object({
  title: v.optional(v.object({ text: v.string() })),
  type: v.optional(v.picklist(['linear', 'log', 'date', 'category'])),
  /** First and last value shown; on a log axis their decadic logarithms. */
  range: v.optional(v.tuple([v.number(), v.number()])),
  /** The part of the figure that the axis spans, from 0 to 1. */
  domain: v.optional(v.tuple([v.number(), v.number()])),
  /** The axis that this one is drawn against. */
  anchor: v.optional(v.union([xAxisId, yAxisId])),
  /** Where a y axis has its ticks and title; 'left' unless given. */
  side: v.optional(v.picklist(['left', 'right'])),
  /** A d3-format specifier: '.0%'. */
  tickformat: v.optional(v.string()),
  tickvals: v.optional(v.array(v.number())),
  ticktext: v.optional(v.array(v.string())),
  /** About how many ticks at most. */
  nticks: v.optional(v.number()),
  showticklabels: v.optional(v.boolean()),
  showgrid: v.optional(v.boolean()),
  zeroline: v.optional(v.boolean()),
  /** false hides the axis with its ticks, title and grid. */
  visible: v.optional(v.boolean()),
});
export type AxisLayout = v.InferOutput<typeof axis>;

/** A text in the figure, placed in the units of its axes. */
const annotation = v.object({
  text: v.string(),
  x: v.number(),
  y: v.number(),
  xref: xAxisId,
  yref: yAxisId,
  showarrow: v.literal(false),
  xanchor: v.optional(v.picklist(['left', 'center', 'right'])),
  yanchor: v.optional(v.picklist(['top', 'middle', 'bottom'])),
  /** Pixels to the right and up. */
  xshift: v.optional(v.number()),
  yshift: v.optional(v.number()),
  font: v.optional(v.object({ size: v.optional(v.number()), color: v.optional(color) })),
});
export type Annotation = v.InferOutput<typeof annotation>;

/** A picture placed in the units of its axes; (x, y) is its centre. It is shrunk to fit its box, or stretched to fill it. */
const image = v.object({
  source: v.pipe(v.string(), v.regex(/^data:image\/png;base64,[A-Za-z0-9+/=]*$/, 'must be a PNG data URI')),
  x: v.number(),
  y: v.number(),
  sizex: v.number(),
  sizey: v.number(),
  xref: xAxisId,
  yref: yAxisId,
  xanchor: v.literal('center'),
  yanchor: v.literal('middle'),
  sizing: v.picklist(['contain', 'stretch']),
});
export type PlacedImage = v.InferOutput<typeof image>;

/** Height of a figure that does not say one, in pixels. */
export const DEFAULT_HEIGHT = 320;

/** Colours of paper, font and grid are left to the front end's theme. */
export const layout = v.object({
  /** Height in pixels; the width is the front end's. */
  height: v.optional(v.number()),
  xaxis: v.optional(axis),
  xaxis2: v.optional(axis),
  yaxis: v.optional(axis),
  yaxis2: v.optional(axis),
  annotations: v.optional(v.array(annotation)),
  images: v.optional(v.array(image)),
  showlegend: v.optional(v.boolean()),
  barmode: v.optional(v.literal('overlay')),
  hovermode: v.optional(v.picklist(['closest', 'x unified'])),
});
export type Layout = v.InferOutput<typeof layout>;
