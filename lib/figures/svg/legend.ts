import type { Trace } from '../wire/plotly';
import type { Figure } from '../wire/messages';
import { element, text, textWidth } from './element';
import { style } from './style';
import { markerAt, strokeOf, traceColor } from './trace';

const LINE_HEIGHT = 18;
const SWATCH = 22;

interface Entry {
  trace: Trace;
  name: string;
}

/** One entry for each named trace, and one for each group. */
function entries({ data, layout }: Figure): Entry[] {
  const groups = new Set<string>();
  const named = data.flatMap((trace) => {
    const { name, legendgroup, showlegend = true } = trace;
    if (name === undefined || !showlegend || (legendgroup !== undefined && groups.has(legendgroup)))
      return [];
    if (legendgroup !== undefined) groups.add(legendgroup);
    return [{ trace, name }];
  });
  return layout.showlegend === false || (named.length < 2 && !layout.showlegend) ? [] : named;
}

function swatch(trace: Trace, x: number, y: number): string {
  if (trace.type === 'bar' || trace.mode === 'none') {
    const fill = trace.type === 'bar' ? traceColor(trace) : trace.fillcolor;
    return element('rect', { x, y: y - 5, width: SWATCH - 6, height: 10, fill });
  }
  const stroke = trace.mode.includes('lines')
    ? element('path', { d: `M${x} ${y}h${SWATCH - 4}`, ...strokeOf(trace) })
    : '';
  const marker = trace.mode.includes('markers') ? markerAt(trace, [x + SWATCH / 2 - 2, y]) : '';
  return stroke + marker;
}

export interface Legend {
  svg: string;
  height: number;
}

/** Draws the legend in lines from (x, y) on, no wider than `width`. */
export function drawLegend(figure: Figure, x: number, y: number, width: number): Legend {
  let [left, line] = [0, 0];
  const drawn = entries(figure).map(({ trace, name }) => {
    const wide = SWATCH + textWidth(name, style.tick) + 14;
    if (left > 0 && left + wide > width) [left, line] = [0, line + 1];
    const middle = y + line * LINE_HEIGHT + LINE_HEIGHT / 2;
    const entry =
      swatch(trace, x + left, middle) +
      text(name, { x: x + left + SWATCH, y: middle + 4, fill: style.ink, 'font-size': style.tick });
    left += wide;
    return entry;
  });
  return { svg: drawn.join(''), height: drawn.length > 0 ? (line + 1) * LINE_HEIGHT + 4 : 0 };
}
