import type { Annotation, PlacedImage } from '../wire/plotly';
import type { Figure } from '../wire/messages';
import { axisIds, axisLayout, makeAxis, type Axis, type AxisId } from './axis';
import { element, shortened, text, textWidth } from './element';
import { drawLegend } from './legend';
import { style } from './style';
import { drawTrace } from './trace';

/** Pixels between ticks at least. */
const X_SPACING = 70;
const Y_SPACING = 38;

/** A rectangle in pixels. */
interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Where an axis lies between the edges of the plot area. */
function span(figure: Figure, id: AxisId, from: number, to: number): readonly [number, number] {
  const [start, end] = axisLayout(figure, id).domain ?? [0, 1];
  return [from + (to - from) * start, from + (to - from) * end];
}

/** Draws one figure: title, legend, axes, traces, pictures and notes, with its top left corner at the origin. */
export function drawPanel(figure: Figure, width: number, height: number): string {
  const title = text(shortened(figure.title, style.title, width - 8), {
    x: 4,
    y: 18,
    fill: style.ink,
    'font-size': style.title,
    'font-weight': 600,
  });
  const legend = drawLegend(figure, 4, 28, width - 8);
  const ids = axisIds(figure);
  const visible = ids.filter((id) => axisLayout(figure, id).visible !== false);
  const hasTitle = (ids: readonly AxisId[]): boolean =>
    ids.some((id) => (axisLayout(figure, id).title?.text ?? '') !== '');
  const on = (side: 'left' | 'right'): AxisId[] =>
    visible.filter((id) => id.startsWith('y') && (axisLayout(figure, id).side ?? 'left') === side);
  const below = visible.filter((id) => id.startsWith('x'));
  const box: Box = {
    left: 6 + (hasTitle(on('left')) ? 20 : 0),
    top: 34 + legend.height,
    right: width - 14 - (hasTitle(on('right')) ? 20 : 0),
    bottom: height - (visible.length > 0 ? 24 : 6) - (hasTitle(below) ? 20 : 0),
  };
  const vertical = (id: AxisId): Axis =>
    makeAxis(figure, id, span(figure, id, box.bottom, box.top), Y_SPACING);
  const yAxes = ids.filter((id) => id.startsWith('y')).map(vertical);
  const labelWidth = (ids: readonly AxisId[]): number =>
    Math.max(
      0,
      ...yAxes
        .filter(({ id }) => ids.includes(id))
        .flatMap(({ ticks }) => ticks.map(({ label }) => textWidth(label, style.tick))),
    );
  box.left += labelWidth(on('left')) + 8;
  box.right -= labelWidth(on('right'));
  const horizontal = (id: AxisId): Axis =>
    makeAxis(figure, id, span(figure, id, box.left, box.right), X_SPACING);
  const xAxes = ids.filter((id) => id.startsWith('x')).map(horizontal);
  const axes = new Map([...xAxes, ...yAxes].map((axis) => [axis.id, axis]));
  return [
    title,
    legend.svg,
    ...yAxes.map((axis) => drawYAxis(axis, anchorOf(axis, axes, 'x'), width)),
    ...xAxes.map((axis) => drawXAxis(axis, anchorOf(axis, axes, 'y'), yAxes)),
    ...drawTraces(figure, axes),
    ...(figure.layout.images ?? []).map((image) => drawImage(image, axes)),
    ...(figure.layout.annotations ?? []).map((annotation) => drawAnnotation(annotation, axes)),
  ].join('');
}

const anchorOf = (axis: Axis, axes: ReadonlyMap<AxisId, Axis>, fallback: AxisId): Axis =>
  axes.get(axis.layout.anchor ?? fallback) ?? axes.get(fallback)!;

const tickStyle = { fill: style.faint, 'font-size': style.tick };
const titleStyle = { fill: style.ink, 'font-size': style.label, 'text-anchor': 'middle' };

const rule = (d: string, stroke: string): string => element('path', { d, stroke, fill: 'none' });

/** @param edge pixels: the right end of the panel */
function drawYAxis(
  { layout, pixels: [bottom, top], ticks, place }: Axis,
  { pixels: [left, right] }: Axis,
  edge: number,
): string {
  if (layout.visible === false) return '';
  const zero = layout.zeroline === false ? undefined : place(0);
  const isRight = layout.side === 'right';
  const beside = isRight ? { x: right + 6, 'text-anchor': 'start' } : { x: left - 6, 'text-anchor': 'end' };
  return [
    ...ticks.map(({ at, label }) => {
      const grid = layout.showgrid === false ? '' : rule(`M${left} ${at.toFixed(1)}H${right}`, style.grid);
      if (layout.showticklabels === false) return grid;
      return grid + text(label, { ...beside, y: at + 4, ...tickStyle });
    }),
    zero !== undefined && zero < bottom && zero > top
      ? rule(`M${left} ${zero.toFixed(1)}H${right}`, style.axis)
      : '',
    layout.title
      ? text(layout.title.text, {
          x: 0,
          y: 0,
          transform: `translate(${isRight ? edge - 8 : 16} ${Math.round((top + bottom) / 2)}) rotate(-90)`,
          ...titleStyle,
        })
      : '',
  ].join('');
}

function drawXAxis(
  { id, layout, pixels: [left, right], ticks }: Axis,
  { pixels: [bottom] }: Axis,
  yAxes: readonly Axis[],
): string {
  if (layout.visible === false) return '';
  // The grid runs through every pane that stands on this axis or shares it.
  const panes = yAxes.filter((axis) => (axis.layout.anchor ?? 'x') === id);
  const grid = (at: number): string =>
    layout.showgrid === false
      ? ''
      : panes
          .map(({ pixels: [foot, top] }) =>
            rule(`M${at.toFixed(1)} ${foot.toFixed(1)}V${top.toFixed(1)}`, style.grid),
          )
          .join('');
  return [
    ...ticks.map(({ at, label }) =>
      layout.showticklabels === false
        ? grid(at)
        : grid(at) + text(label, { x: at, y: bottom + 16, 'text-anchor': 'middle', ...tickStyle }),
    ),
    rule(`M${left} ${bottom.toFixed(1)}H${right}`, style.axis),
    layout.title ? text(layout.title.text, { x: (left + right) / 2, y: bottom + 34, ...titleStyle }) : '',
  ].join('');
}

/** A nested <svg> clips what is drawn in it; unlike a clip path it needs no id, which would clash in a page of figures. */
function clipped(x: Axis, y: Axis, content: string): string {
  const [left, right] = x.pixels;
  const [bottom, top] = y.pixels;
  const [width, height] = [right - left, bottom - top];
  const viewBox = [left, top, width, height].map((value) => value.toFixed(2)).join(' ');
  return element('svg', { x: left, y: top, width, height, viewBox, overflow: 'hidden' }, content);
}

function drawTraces({ data }: Figure, axes: ReadonlyMap<AxisId, Axis>): string[] {
  return data.map((trace, i) => {
    const { xaxis = 'x', yaxis = 'y' } = trace;
    const [x, y] = [axes.get(xaxis)!, axes.get(yaxis)!];
    const previous = data
      .slice(0, i)
      .findLast(
        (other) =>
          other.type === 'scatter' && (other.xaxis ?? 'x') === xaxis && (other.yaxis ?? 'y') === yaxis,
      );
    return clipped(x, y, drawTrace(trace, x, y, previous));
  });
}

function drawImage(image: PlacedImage, axes: ReadonlyMap<AxisId, Axis>): string {
  const [x, y] = [axes.get(image.xref), axes.get(image.yref)];
  const [left, right] = [x?.place(image.x - image.sizex / 2), x?.place(image.x + image.sizex / 2)];
  const [one, other] = [y?.place(image.y - image.sizey / 2), y?.place(image.y + image.sizey / 2)];
  if (left === undefined || right === undefined || one === undefined || other === undefined) return '';
  return element('image', {
    href: image.source,
    x: left,
    y: Math.min(one, other),
    width: right - left,
    height: Math.abs(other - one),
    preserveAspectRatio: image.sizing === 'stretch' ? 'none' : 'xMidYMid meet',
    style: 'image-rendering: pixelated',
  });
}

const anchors = { left: 'start', center: 'middle', right: 'end' } as const;

function drawAnnotation(annotation: Annotation, axes: ReadonlyMap<AxisId, Axis>): string {
  const { xanchor = 'center', yanchor = 'middle', xshift = 0, yshift = 0, font = {} } = annotation;
  const left = axes.get(annotation.xref)?.place(annotation.x);
  const top = axes.get(annotation.yref)?.place(annotation.y);
  if (left === undefined || top === undefined) return '';
  const size = font.size ?? style.label;
  const lines = annotation.text.split('\n').length;
  const height = (lines - 1) * 1.25 * size;
  // From the anchor to the baseline of the first line.
  const drop = { top: size, middle: 0.35 * size - height / 2, bottom: -height - 0.2 * size }[yanchor];
  return text(annotation.text, {
    x: left + xshift,
    y: top - yshift + drop,
    'text-anchor': anchors[xanchor],
    'font-size': size,
    fill: font.color ?? style.ink,
  });
}
