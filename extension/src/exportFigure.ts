import type { PlotlyElement } from 'plotly.js-basic-dist-min';
import { figureCsv } from '../../lib/figures/csv';
import { toPlotly } from '../../lib/figures/toPlotly';
import type { Figure } from '../../lib/figures/wire/messages';
import { element } from './element';
import { loadPlotly } from './plotlyLibrary';
import { readTheme } from './theme';

export const FORMATS = ['png', 'svg', 'csv', 'json'] as const;
export type Format = (typeof FORMATS)[number];

/**
 * Saves a figure as a file: pictures as they are seen, with the zoom and the theme; the points of its traces as a table; the whole in
 * Plotly's format.
 */
export async function exportFigure(figure: Figure, plot: PlotlyElement, format: Format): Promise<void> {
  const name = `${fileName(figure.title)}.${format === 'json' ? 'plotly.json' : format}`;
  if (format === 'png' || format === 'svg') return download(name, await picture(plot, format));
  const [text, type] =
    format === 'csv'
      ? [figureCsv(figure), 'text/csv']
      : [JSON.stringify(toPlotly(figure), undefined, 1), 'application/json'];
  const url = URL.createObjectURL(new Blob([text], { type }));
  download(name, url);
  URL.revokeObjectURL(url);
}

async function picture(plot: PlotlyElement, format: 'png' | 'svg'): Promise<string> {
  const { data, layout, clientWidth: width, clientHeight: height } = plot;
  const plotly = await loadPlotly();
  const figure = { data, layout: { ...layout, paper_bgcolor: readTheme(plot).ground } };
  return plotly.toImage(figure, { format, width, height, ...(format === 'png' && { scale: 2 }) });
}

const fileName = (title: string): string =>
  title.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '') || 'figure';

function download(name: string, url: string): void {
  element('a', { attributes: { href: url, download: name } }).click();
}
