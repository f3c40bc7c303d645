import { inspect } from 'node:util';
import type { Values } from '../data/dataset';
import { inputs } from '../data/dataset';
import { CredenceError } from '../errors';
import { bandFigure } from '../figures/band';
import { viewBundle, viewText } from '../figures/bundle';
import { imagesFigure, type ImagesOptions } from '../figures/images';
import { type Line, linesFigure, type LinesOptions } from '../figures/lines';
import { reliabilityFigure } from '../figures/reliability';
import { type ScalingPoint, speedupFigure, type SpeedupOptions } from '../figures/speedup';
import { type Figure, type View, WIRE_VERSION } from '../figures/wire';
import { type Displayable, displaySymbol, type MimeBundle } from '../host';
import type { Classification, Quantiles, Regression } from '../inference/posterior/prediction';
import { type CalibrationOptions, reliabilityBins } from '../metrics';
import type { NdArray, TypedArray } from '../ndarray';
import { validate } from '../validate';
import { quantileBand, regressionBand } from './band';
import { bandsSchema, imagesSchema, linesSchema, type ShowBandsOptions, speedupSchema } from './options';

export type { ImagesOptions, Line, LinesOptions, ScalingPoint, ShowBandsOptions, SpeedupOptions };

/** A picture: the last value of a cell, it shows itself; elsewhere it prints what it shows. */
export class Picture implements Displayable {
  /** @internal */
  constructor(
    /** @internal */
    readonly figures: readonly Figure[],
  ) {}

  private get view(): View {
    return { version: WIRE_VERSION, kind: 'figure', figures: [...this.figures] };
  }

  [displaySymbol](): MimeBundle {
    return viewBundle(this.view);
  }

  toString(): string {
    return viewText(this.view);
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

const picture = (figure: Figure): Picture => new Picture([figure]);

/**
 * How far confidence can be trusted: accuracy over confidence.
 * @param prediction of a classification
 * @param labels [N] true classes
 */
function reliability(
  { mean }: Pick<Classification, 'mean'>,
  labels: ArrayLike<number>,
  options: CalibrationOptions = {},
): Picture {
  return picture(reliabilityFigure(reliabilityBins(mean, labels, options)));
}

/**
 * A regression over one input, with what is not known about the function inside what is not known about the next observation.
 * @param x [N] or [N, 1]
 * @param prediction of a regression, or quantiles: the middle one between the others in pairs
 * @param options.target which of D targets. Default 0
 */
function bands(x: Values, prediction: Regression | Quantiles, options: ShowBandsOptions = {}): Picture {
  const { target = 0, ...rest } = validate(bandsSchema, options, 'show.bands');
  const axis = inputs(x);
  const targets = 'levels' in prediction ? 1 : prediction.mean.shape[1]!;
  if (target >= targets) {
    throw new CredenceError(
      'E_OPTION',
      `show.bands: there is no target ${target}, targets are 0 to ${targets - 1}`,
    );
  }
  const band =
    'levels' in prediction
      ? quantileBand(axis, prediction)
      : regressionBand(axis, prediction, target, rest.levels);
  return picture(bandFigure(band, rest));
}

/**
 * The images a person should look at: those the model is most wrong or most uncertain about.
 * @param x [N, H, W] or [N, H, W, C]
 */
function images(
  x: NdArray<TypedArray>,
  prediction: Classification,
  labels: ArrayLike<number>,
  options: ImagesOptions,
): Picture {
  const { mean, epistemic } = prediction;
  const settings = validate(imagesSchema, options, 'show.images');
  return picture(imagesFigure(x, { probabilities: mean, labels, epistemic }, settings));
}

/** Speed-up over the number of workers, with the ideal line. */
const speedup = (points: readonly ScalingPoint[], options: SpeedupOptions = {}): Picture =>
  picture(speedupFigure(points, validate(speedupSchema, options, 'show.speedup')));

/** Experiments side by side: the mean of the repetitions of each, and every one thinly. */
const lines = (series: readonly Line[], options: LinesOptions): Picture =>
  picture(linesFigure(series, validate(linesSchema, options, 'show.lines')));

/** Pictures of results. @namespace */
export const show = { reliability, bands, images, speedup, lines };
