import type { MimeBundle } from '../host';
import { combineFigures } from './grid';
import { progressLine } from './progress';
import { drawPicture } from './svg/picture';
import { MIME_TYPE, type View } from './wire';

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
 * A view as every front end can show it: ours draws MIME_TYPE, others fall back to Plotly, to a static picture, or to
 * text.
 */
export function viewBundle(view: View): MimeBundle {
  const { figures } = view;
  const bundle: MimeBundle = { [MIME_TYPE]: view, 'text/plain': viewText(view) };
  const svg = drawPicture(figures, view.kind === 'run' ? { progress: view.progress } : {});
  if (svg.length <= MAX_FALLBACK) bundle['image/svg+xml'] = svg;
  if (figures.length > 0) {
    const plotly = combineFigures(figures);
    if (JSON.stringify(plotly).length <= MAX_FALLBACK) bundle[PLOTLY_MIME_TYPE] = plotly;
  }
  return bundle;
}
