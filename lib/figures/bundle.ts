import type { MimeBundle } from '../host';
import { escapeXml } from './escape';
import { combineFigures } from './grid';
import { progressLine } from './wire/progress';
import { drawPicture } from './svg/picture';
import { MIME_TYPE, type View } from './wire/messages';

const PLOTLY_MIME_TYPE = 'application/vnd.plotly.v1+json';

/** Bytes of a fallback. A larger one is left out, so that a notebook stays a file that opens; the text always remains. */
const MAX_FALLBACK = 1_000_000;

/** A view in plain words. */
export const viewText = (view: View): string =>
  [
    ...(view.kind === 'run' ? [progressLine(view.progress)] : []),
    ...view.figures.map(({ title, description }) => `${title}: ${description}`),
  ].join('\n');

/**
 * A picture as HTML. JupyterLab shows no SVG of a notebook that is not trusted, but an `<img>`, in which a browser runs no script
 * whatever the picture says. What may stand in a URL as it is stays: base64 would be a fifth longer.
 */
function imageHtml(svg: string, description: string): string {
  const source = `data:image/svg+xml,${svg.replace(/[%#<>"&\n]/g, encodeURIComponent)}`;
  return `<img alt="${escapeXml(description)}" src="${source}" style="max-width: 100%">`;
}

/**
 * A view as every front end can show it: ours draws MIME_TYPE, others fall back to Plotly, to a static picture (as HTML, or as SVG,
 * which nbconvert's PDF takes), or to text.
 */
export function viewBundle(view: View): MimeBundle {
  const figures = view.figures.filter(({ detail }) => !detail);
  const bundle: MimeBundle = { [MIME_TYPE]: view, 'text/plain': viewText(view) };
  const svg = drawPicture(figures, view.kind === 'run' ? { progress: view.progress } : {});
  const html = imageHtml(svg, viewText({ ...view, figures }));
  if (html.length <= MAX_FALLBACK) Object.assign(bundle, { 'text/html': html, 'image/svg+xml': svg });
  if (figures.length > 0) {
    const plotly = combineFigures(figures);
    if (JSON.stringify(plotly).length <= MAX_FALLBACK) bundle[PLOTLY_MIME_TYPE] = plotly;
  }
  return bundle;
}
