import { CredenceError } from '../errors';
import type { NdArray, TypedArray } from '../ndarray';
import { sameLength } from './check';
import { percent, readable } from './numbers';
import { roles } from './palette';
import { enlarge, pngDataUri, type Raster } from './png';
import type { Annotation, PlacedImage, ScatterTrace } from './plotly';
import type { Figure } from './wire';

/** What a classifier says about N images. */
export interface Classified {
  /** Class probabilities [N, C], row-major. */
  probabilities: ArrayLike<number>;
  /** True classes [N]. */
  labels: ArrayLike<number>;
  /** Mutual information between prediction and weights [N], in nats. */
  epistemic: ArrayLike<number>;
}

export interface ImagesOptions {
  /** 'misclassified': wrong predictions, the most confident first. 'uncertain': the largest epistemic uncertainty first. */
  select: 'misclassified' | 'uncertain';
  /** How many images at most. Default: 12. */
  limit?: number;
  /** Images in a row. Default: 6. */
  columns?: number;
  /** Names of the classes. Default: their numbers. */
  classes?: readonly string[];
  /** The values drawn black and white. Default: [0, 255] for bytes, [0, 1] otherwise. */
  range?: readonly [number, number];
}

/** One prediction, as it is captioned. */
interface Verdict {
  index: number;
  label: number;
  predicted: number;
  confidence: number;
  epistemic: number;
}

/** Shorter sides are enlarged to about this many pixels, for viewers that blur small pictures. */
const SHARP_SIZE = 64;

/** Heights in pixels: of a picture in its cell, and of a line of its caption. */
const PICTURE_HEIGHT = 74;
const LINE_HEIGHT = 14;

/**
 * Draws the images that a person should look at, captioned with true and predicted class, confidence and epistemic
 * uncertainty.
 * @param images [N, H, W] or [N, H, W, C] with C = 1 (grey) or 3 (RGB)
 * @throws CredenceError E_SHAPE if the arrays do not go together
 */
export function imagesFigure(
  images: NdArray<TypedArray>,
  predictions: Classified,
  options: ImagesOptions,
): Figure {
  const { select, limit = 12, columns = 6, classes } = options;
  const range = options.range ?? (images instanceof Uint8Array ? [0, 255] : [0, 1]);
  const verdicts = judge(images, predictions);
  const wrong = verdicts.filter(({ label, predicted }) => label !== predicted);
  const ranked =
    select === 'misclassified'
      ? wrong.sort((a, b) => b.confidence - a.confidence)
      : verdicts.toSorted((a, b) => b.epistemic - a.epistemic);
  const shown = ranked.slice(0, limit);
  const name = (label: number): string => classes?.[label] ?? String(label);
  const captions = shown.map((verdict) => caption(verdict, name));
  const lines = Math.max(1, ...captions.map((text) => text.split('\n').length));
  const rows = Math.max(1, Math.ceil(shown.length / columns));
  const rowHeight = PICTURE_HEIGHT + lines * LINE_HEIGHT + 10;
  const pictureShare = PICTURE_HEIGHT / rowHeight;
  const place = (rank: number) => ({ x: (rank % columns) + 0.5, row: Math.floor(rank / columns) });
  const placed = shown.map(({ index }, rank): PlacedImage => {
    const { x, row } = place(rank);
    return {
      source: pngDataUri(sharpen(raster(images, index, range))),
      x,
      y: row + pictureShare / 2,
      sizex: 0.92,
      sizey: pictureShare * 0.94,
      xref: 'x',
      yref: 'y',
      xanchor: 'center',
      yanchor: 'middle',
      sizing: 'contain',
    };
  });
  const annotations = shown.map(({ label, predicted }, rank): Annotation => {
    const { x, row } = place(rank);
    const color = label === predicted ? {} : { color: roles.error };
    return { ...note(captions[rank]!, x, row + pictureShare), font: { size: 11, ...color } };
  });
  const nothing = note(`none of ${verdicts.length} predictions is wrong`, columns / 2, 0.4);
  return {
    title: select === 'misclassified' ? 'Most confidently wrong' : 'Most uncertain',
    description: describe(select, shown, wrong.length, verdicts.length),
    data: shown.length > 0 ? [hoverTargets(shown, placed, name)] : [],
    layout: {
      height: rows * rowHeight + 20,
      showlegend: false,
      hovermode: 'closest',
      xaxis: { range: [0, columns], visible: false },
      yaxis: { range: [rows, 0], visible: false },
      images: placed,
      annotations: shown.length > 0 ? annotations : [nothing],
    },
  };
}

function judge(images: NdArray<TypedArray>, { probabilities, labels, epistemic }: Classified): Verdict[] {
  const count = sameLength('images figure', { labels, epistemic });
  const classes = probabilities.length / count;
  const [first, , , channels = 1] = images.shape;
  const rank = images.shape.length;
  if (rank < 3 || rank > 4 || (channels !== 1 && channels !== 3)) {
    throw new CredenceError(
      'E_SHAPE',
      `images figure: images must be [N, H, W], [N, H, W, 1] or [N, H, W, 3], got [${images.shape.join(', ')}]`,
    );
  }
  if (first !== count || !Number.isInteger(classes)) {
    throw new CredenceError(
      'E_SHAPE',
      `images figure: ${first} images, ${count} labels and ${probabilities.length} probabilities do not go together`,
    );
  }
  return Array.from({ length: count }, (_, index) => {
    let predicted = 0;
    for (let k = 1; k < classes; k++) {
      if (probabilities[index * classes + k]! > probabilities[index * classes + predicted]!) predicted = k;
    }
    const confidence = probabilities[index * classes + predicted]!;
    return { index, label: labels[index]!, predicted, confidence, epistemic: epistemic[index]! };
  });
}

/** One image of the stack, as bytes. */
function raster(
  images: NdArray<TypedArray>,
  index: number,
  [black, white]: readonly [number, number],
): Raster {
  const [, height, width, channels = 1] = images.shape as readonly [number, number, number, number?];
  const size = height * width * channels;
  const pixels = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    const share = (images[index * size + i]! - black) / (white - black);
    pixels[i] = Math.round(255 * Math.min(1, Math.max(0, share)));
  }
  return { width, height, channels: channels === 3 ? 3 : 1, pixels };
}

const sharpen = (picture: Raster): Raster =>
  enlarge(picture, Math.max(1, Math.round(SHARP_SIZE / Math.min(picture.width, picture.height))));

/** Long names get a line each. */
function caption(
  { label, predicted, confidence, epistemic }: Verdict,
  name: (label: number) => string,
): string {
  const separator = name(label).length + name(predicted).length > 8 ? '\n' : ' ';
  return `${name(label)}${separator}→ ${name(predicted)}\n${percent(confidence)}\n${readable(epistemic, 2)} nats`;
}

const note = (text: string, x: number, y: number): Annotation => ({
  text,
  x,
  y,
  xref: 'x',
  yref: 'y',
  showarrow: false,
  xanchor: 'center',
  yanchor: 'top',
});

/** Points that cannot be seen, to show a text where a picture is pointed at. */
const hoverTargets = (
  shown: readonly Verdict[],
  placed: readonly PlacedImage[],
  name: (label: number) => string,
): ScatterTrace => ({
  type: 'scatter',
  mode: 'markers',
  x: placed.map(({ x }) => x),
  y: placed.map(({ y }) => y),
  marker: { opacity: 0, size: 40 },
  hovertext: shown.map(
    ({ index, label, predicted, confidence, epistemic }) =>
      `image ${index}: true ${name(label)}, predicted ${name(predicted)}\n` +
      `confidence ${percent(confidence)}, epistemic uncertainty ${readable(epistemic)} nats`,
  ),
  hovertemplate: '%{hovertext}',
});

function describe(
  select: ImagesOptions['select'],
  shown: readonly Verdict[],
  wrong: number,
  count: number,
): string {
  const captions = 'each with true → predicted class, confidence and epistemic uncertainty in nats';
  if (select === 'misclassified') {
    if (wrong === 0) return `None of ${count} predictions is wrong.`;
    return `The ${shown.length} most confident of ${wrong} wrong predictions out of ${count}, ${captions}.`;
  }
  const right = shown.filter(({ label, predicted }) => label === predicted).length;
  return `The ${shown.length} images of ${count} with the largest epistemic uncertainty, ${captions}; ${right} of them are right.`;
}
