import { CredenceError } from '../errors';
import type { NdArray, TypedArray } from '../ndarray';
import { sameLength } from './check';
import { gallery } from './gallery';
import { percent, readable } from './numbers';
import type { Raster } from './png';
import type { Figure } from './wire/messages';

/** What a classifier says about N images. */
export interface Classified {
  /** Class probabilities [N, C], row-major. */
  probabilities: ArrayLike<number>;
  /** True classes [N]. */
  labels: ArrayLike<number>;
  /** Mutual information between prediction and weights [N], in nats. */
  epistemic: ArrayLike<number>;
}

/** Options of `images`. */
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

/** The prediction for one image. */
interface Verdict {
  index: number;
  label: number;
  predicted: number;
  confidence: number;
  epistemic: number;
}

type Naming = (label: number) => string;

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
  const name: Naming = (label) => classes?.[label] ?? String(label);
  const verdicts = judge(images, predictions);
  const wrong = verdicts.filter(({ label, predicted }) => label !== predicted);
  const ranked =
    select === 'misclassified'
      ? wrong.toSorted((a, b) => b.confidence - a.confidence)
      : verdicts.toSorted((a, b) => b.epistemic - a.epistemic);
  const shown = ranked.slice(0, limit);
  return {
    title: select === 'misclassified' ? 'Most confidently wrong' : 'Most uncertain',
    description: describe(select, shown, wrong.length, verdicts.length),
    ...(shown.length === 0
      ? nothingWrong(verdicts.length)
      : gallery(
          shown.map((verdict) => ({
            picture: raster(images, verdict.index, range),
            caption: caption(verdict, name),
            details: details(verdict, name),
            wrong: verdict.label !== verdict.predicted,
          })),
          columns,
        )),
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
    const row = index * classes;
    let predicted = 0;
    for (let k = 1; k < classes; k++) {
      if (probabilities[row + k]! > probabilities[row + predicted]!) predicted = k;
    }
    return {
      index,
      label: labels[index]!,
      predicted,
      confidence: probabilities[row + predicted]!,
      epistemic: epistemic[index]!,
    };
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

/** Long names get a line each. */
function caption({ label, predicted, confidence, epistemic }: Verdict, name: Naming): string {
  const separator = name(label).length + name(predicted).length > 8 ? '\n' : ' ';
  return `${name(label)}${separator}→ ${name(predicted)}\n${percent(confidence)}\n${readable(epistemic, 2)} nats`;
}

const details = ({ index, label, predicted, confidence, epistemic }: Verdict, name: Naming): string =>
  `image ${index}: true ${name(label)}, predicted ${name(predicted)}\n` +
  `confidence ${percent(confidence)}, epistemic uncertainty ${readable(epistemic)} nats`;

/** A note in place of pictures. */
const nothingWrong = (count: number): Pick<Figure, 'data' | 'layout'> => ({
  data: [],
  layout: {
    height: 80,
    xaxis: { range: [0, 1], visible: false },
    yaxis: { range: [0, 1], visible: false },
    annotations: [
      {
        text: `None of ${count} predictions is wrong.`,
        x: 0.5,
        y: 0.5,
        xref: 'x',
        yref: 'y',
        showarrow: false,
      },
    ],
  },
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
