import { doneShare, progressLine, progressLines } from '../wire/progress';
import { palette } from '../palette';
import { DEFAULT_HEIGHT } from '../wire/plotly';
import type { Figure, Progress } from '../wire/messages';
import { element, text, textWidth } from './element';
import { drawPanel } from './panel';
import { style } from './style';

export interface PictureOptions {
  /** Width of the whole picture in pixels. Default: 960, or 640 for a figure alone. */
  width?: number;
  /** The run to tell about above the figures. */
  progress?: Progress;
}

/** A panel is at least this wide, unless the picture itself is narrower. */
const MIN_PANEL = 400;
const GAP = 16;

/**
 * Draws figures as one static SVG picture, side by side as far as they fit, without a browser. The picture stands
 * on its own: a white ground, no script, no outside reference.
 */
export function drawPicture(figures: readonly Figure[], options: PictureOptions = {}): string {
  const { width = figures.length > 1 ? 960 : 640, progress } = options;
  const header = progress ? drawProgress(progress, width) : { svg: '', height: 0 };
  let top = header.height + GAP / 2;
  const rows = inRows(figures, width).map((row) => {
    const panelWidth = (width - GAP * (row.length + 1)) / row.length;
    const rowHeight = Math.max(...row.map(panelHeight));
    const panels = row.map((figure, column) => {
      // Plots grow to the height of their neighbours, pictures and tables would only drift apart.
      const isPlot = figure.layout.xaxis?.visible !== false;
      const height = isPlot ? rowHeight : panelHeight(figure);
      const left = GAP + column * (panelWidth + GAP);
      return element(
        'g',
        { transform: `translate(${left.toFixed(1)} ${top.toFixed(1)})` },
        drawPanel(figure, panelWidth, height),
      );
    });
    top += rowHeight + GAP;
    return panels.join('');
  });
  const description = [
    ...(progress ? [progressLine(progress)] : []),
    ...figures.map((figure) => figure.description),
  ].join(' ');
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width,
      height: top,
      viewBox: `0 0 ${width} ${Math.round(top)}`,
      role: 'img',
      'aria-label': description,
      'font-family': style.font,
    },
    element('rect', { width, height: top, fill: style.paper }),
    header.svg,
    ...rows,
  );
}

/** Title and legend stand inside the picture, so a panel is higher than the plot of the same figure in a notebook. */
const panelHeight = ({ layout }: Figure): number => (layout.height ?? DEFAULT_HEIGHT) + 30;

/** As many panels in a row as fit; the last row is spread over the width too. */
function inRows(figures: readonly Figure[], width: number): Figure[][] {
  const columns = Math.max(1, Math.floor((width - GAP) / (MIN_PANEL + GAP)));
  const rows: Figure[][] = [];
  for (let start = 0; start < figures.length; start += columns) {
    rows.push(figures.slice(start, start + columns));
  }
  return rows;
}

/** The state of a run in words, and a bar for the share that is done. */
function drawProgress(progress: Progress, width: number): { svg: string; height: number } {
  const LINE_HEIGHT = 18;
  const lines = progressLines(progress).flatMap((line) => wrapped(line, width - 2 * GAP));
  const words = text(lines.join('\n'), { x: GAP, y: 24, fill: style.ink, 'font-size': style.label });
  const y = 24 + lines.length * LINE_HEIGHT - 6;
  const full = width - 2 * GAP;
  const track = element('rect', { x: GAP, y, width: full, height: 4, rx: 2, fill: style.grid });
  const color = progress.state === 'failed' ? palette.red : palette.blue;
  const done = element('rect', {
    x: GAP,
    y,
    width: full * doneShare(progress),
    height: 4,
    rx: 2,
    fill: color,
  });
  return { svg: words + track + done, height: y + 12 };
}

/** Breaks a text into lines between words. */
function wrapped(content: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of content.split(' ')) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length > 0 && textWidth(longer, style.label) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
