import type { Values } from '../data/dataset';
import { inputs } from '../data/dataset';
import { CredenceError } from '../errors';
import { bandFigure } from '../figures/band';
import { imagesFigure, type ImagesOptions } from '../figures/images';
import { type Line, linesFigure, type LinesOptions } from '../figures/lines';
import type { MapGrid } from '../figures/map';
import { type ScalingPoint, speedupFigure, type SpeedupOptions } from '../figures/scaling/speedup';
import type { Classification, Quantiles, Regression } from '../inference/posterior/prediction';
import type { NdArray, TypedArray } from '../ndarray';
import { validate } from '../validate';
import { partsOf, quantileBand, regressionBand } from './band';
import {
  calibrationCurve,
  pit,
  reliability,
  type ShowCalibrationCurveOptions,
  type ShowPitOptions,
} from './calibration';
import { chains, type ShowChainsOptions } from './chains';
import { checkTarget } from './columns';
import { compare } from './compare';
import { maps, type ShowMapsOptions } from './maps';
import { bandsSchema, imagesSchema, linesSchema, type ShowBandsOptions, speedupSchema } from './options';
import { Picture, picture } from './picture';
import {
  riskCoverage,
  separation,
  type ShowRiskCoverageOptions,
  type ShowSeparationOptions,
  type Uncertain,
  type UncertaintyName,
} from './selection';
import { pruning, type ShowPruningOptions, weights } from './weights';

export { Picture };
export type {
  ImagesOptions,
  Line,
  LinesOptions,
  MapGrid,
  ScalingPoint,
  ShowBandsOptions,
  ShowCalibrationCurveOptions,
  ShowChainsOptions,
  ShowMapsOptions,
  ShowPitOptions,
  ShowPruningOptions,
  ShowRiskCoverageOptions,
  ShowSeparationOptions,
  SpeedupOptions,
  Uncertain,
  UncertaintyName,
};

/**
 * A regression over one input, with what is not known about the function inside what is not known about the next observation.
 * @param x [N] or [N, 1]
 * @param prediction of a regression, or quantiles: the middle one between the others in pairs
 * @param options.target which of D targets. Default 0
 * @param options.parts draws the sizes of both uncertainties below
 */
function bands(x: Values, prediction: Regression | Quantiles, options: ShowBandsOptions = {}): Picture {
  const { target = 0, parts = false, ...rest } = validate(bandsSchema, options, 'show.bands');
  const axis = inputs(x);
  if (!('levels' in prediction)) {
    const targets = prediction.mean.shape[1]!;
    checkTarget('show.bands', target, targets);
    const band = regressionBand(axis, prediction, target, rest.levels);
    return picture(bandFigure(parts ? { ...band, parts: partsOf(prediction, target) } : band, rest));
  }
  checkTarget('show.bands', target, 1);
  if (parts) {
    throw new CredenceError(
      'E_OPTION',
      "show.bands: option 'parts' is true, but quantiles do not tell the noise of the data apart from the model's: leave it out",
    );
  }
  return picture(bandFigure(quantileBand(axis, prediction), rest));
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
export const show = {
  reliability,
  pit,
  calibrationCurve,
  bands,
  maps,
  images,
  separation,
  riskCoverage,
  weights,
  pruning,
  chains,
  compare,
  speedup,
  lines,
};
