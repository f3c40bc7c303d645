import { roles } from './palette';
import { enlarge, pngDataUri, type Raster } from './png';
import type { Annotation, Layout, PlacedImage, ScatterTrace } from './wire/plotly';

/** A picture with what is said about it. */
export interface Exhibit {
  picture: Raster;
  /** Below the picture; '\n' starts a line. */
  caption: string;
  /** Shown where the picture is pointed at. */
  details: string;
  /** Whether the caption is in the colour of errors. */
  wrong: boolean;
}

/** Shorter sides are enlarged to about this many pixels, for viewers that blur small pictures. */
const SHARP_SIZE = 64;

/** Heights in pixels: of a picture in its cell, of a line of its caption, and between two rows. */
const PICTURE_HEIGHT = 74;
const LINE_HEIGHT = 14;
const ROW_GAP = 10;

/**
 * Lays pictures out in rows. Each cell is 1 x 1 in the units of two hidden axes, of which y points down:
 *
 * ```
 *   0       1       2
 *   +-------+-------+ 0
 *   |picture|picture|
 *   |caption|caption|
 *   +-------+-------+ 1
 * ```
 */
export function gallery(
  exhibits: readonly Exhibit[],
  columns: number,
): { data: ScatterTrace[]; layout: Layout } {
  const lines = Math.max(1, ...exhibits.map(({ caption }) => caption.split('\n').length));
  const rows = Math.max(1, Math.ceil(exhibits.length / columns));
  const rowHeight = PICTURE_HEIGHT + lines * LINE_HEIGHT + ROW_GAP;
  const pictureShare = PICTURE_HEIGHT / rowHeight;
  const cells = exhibits.map((exhibit, i) => ({
    ...exhibit,
    x: (i % columns) + 0.5,
    top: Math.floor(i / columns),
  }));
  return {
    data: [
      {
        type: 'scatter',
        mode: 'markers',
        x: cells.map(({ x }) => x),
        y: cells.map(({ top }) => top + pictureShare / 2),
        // Not to be seen, only to be pointed at.
        marker: { opacity: 0, size: 40 },
        hovertext: cells.map(({ details }) => details),
        hovertemplate: '%{hovertext}',
      },
    ],
    layout: {
      height: rows * rowHeight + 2 * ROW_GAP,
      showlegend: false,
      hovermode: 'closest',
      xaxis: { range: [0, columns], visible: false },
      yaxis: { range: [rows, 0], visible: false },
      images: cells.map(({ picture, x, top }): PlacedImage => ({
        source: pngDataUri(sharpened(picture)),
        x,
        y: top + pictureShare / 2,
        sizex: 0.92,
        sizey: pictureShare * 0.94,
        xref: 'x',
        yref: 'y',
        xanchor: 'center',
        yanchor: 'middle',
        sizing: 'contain',
      })),
      annotations: cells.map(({ caption, wrong, x, top }): Annotation => ({
        text: caption,
        x,
        y: top + pictureShare,
        xref: 'x',
        yref: 'y',
        showarrow: false,
        xanchor: 'center',
        yanchor: 'top',
        font: { size: 11, ...(wrong ? { color: roles.error } : {}) },
      })),
    },
  };
}

const sharpened = (picture: Raster): Raster =>
  enlarge(picture, Math.max(1, Math.round(SHARP_SIZE / Math.min(picture.width, picture.height))));
