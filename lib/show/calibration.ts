/** Whether what is predicted happens as often as it should. */
import * as v from 'valibot';
import { calibrationCurveFigure } from '../figures/calibrationCurve';
import { pitFigure } from '../figures/pit';
import { reliabilityFigure } from '../figures/reliability';
import type { Classification, Regression } from '../inference/posterior/prediction';
import { calibrationCurve as curveOf, type CalibrationOptions, reliabilityBins } from '../metrics';
import { count, validate } from '../validate';
import { checkTarget, column, truthOf } from './columns';
import { type Picture, picture } from './picture';

/** Options of `show.pit`. */
export interface ShowPitOptions {
  /** Which of D targets. Default 0. */
  target?: number;
  /** Bars of the histogram. Default 20. */
  bins?: number;
}

/** Options of `show.calibrationCurve`. */
export interface ShowCalibrationCurveOptions {
  /** Which of D targets. Default 0. */
  target?: number;
  /** 'interval' (default): central intervals. 'quantile': what lies below quantiles, which sees predictions that are too high or too low. */
  kind?: 'interval' | 'quantile';
  /** Steps between 0 and 1. Default 10. */
  steps?: number;
}

/** Quantiles of mixtures cost microseconds for each datum, draw and level: so many take a second or two. */
const MAX_WORK = 4e5;
const LEAST_DRAWS = 16;

const pitOptions = v.strictObject({ target: v.optional(count(0), 0), bins: v.optional(count(2), 20) });

const curveOptions = v.strictObject({
  target: v.optional(count(0), 0),
  kind: v.optional(v.picklist(['interval', 'quantile']), 'interval'),
  steps: v.optional(count(2), 10),
});

/**
 * How far confidence can be trusted: accuracy over confidence.
 * @param prediction of a classification
 * @param labels [N] true classes
 */
export function reliability(
  { mean }: Pick<Classification, 'mean'>,
  labels: ArrayLike<number>,
  options: CalibrationOptions = {},
): Picture {
  return picture(reliabilityFigure(reliabilityBins(mean, labels, options)));
}

/**
 * How far the spread of a regression can be trusted: where observations lie in their predictions. Flat is calibrated, a hump is too wide, a
 * U too narrow.
 * @param y [N] or [N, D]: what was observed
 * @throws CredenceError E_SHAPE, E_OPTION
 */
export function pit(prediction: Regression, y: ArrayLike<number>, options: ShowPitOptions = {}): Picture {
  const { target, bins } = validate(pitOptions, options, 'show.pit');
  return picture(pitFigure(places('show.pit', prediction, y, target, bins), { bins }));
}

/**
 * How many observations the intervals of a regression cover, over how many they should.
 * @param y [N] or [N, D]: what was observed
 * @throws CredenceError E_SHAPE, E_OPTION
 */
export function calibrationCurve(
  prediction: Regression,
  y: ArrayLike<number>,
  options: ShowCalibrationCurveOptions = {},
): Picture {
  const what = 'show.calibrationCurve';
  const { target, kind, steps } = validate(curveOptions, options, what);
  // a central interval of k / steps lies between the quantiles (steps -/+ k) / (2 steps)
  const found = places(what, prediction, y, target, kind === 'interval' ? 2 * steps : steps);
  const title = kind === 'interval' ? 'Calibration of intervals' : 'Calibration of quantiles';
  return picture(calibrationCurveFigure(curveOf(found, { points: steps + 1, kind }), { title }));
}

/**
 * The probability integral transform of each observation, as the middle of its bin of [0, 1]. It is found by the quantiles of the
 * prediction between the bins, whatever its distribution is; of many data by fewer draws.
 */
function places(
  what: string,
  prediction: Regression,
  y: ArrayLike<number>,
  target: number,
  bins: number,
): Float64Array {
  const [rows, targets] = prediction.mean.shape as [number, number];
  checkTarget(what, target, targets);
  const truth = truthOf(what, y, { rows, targets, target });
  const all = prediction.samples.shape[0]!;
  const draws = Math.min(all, Math.max(LEAST_DRAWS, Math.floor(MAX_WORK / (rows * bins))));
  const thinned =
    draws === all
      ? prediction
      : prediction.take(Array.from({ length: draws }, (_, i) => Math.floor((i * all) / draws)));
  const below = new Float64Array(rows);
  for (let bin = 1; bin < bins; bin++) {
    column(thinned.quantile(bin / bins), target, targets).forEach((edge, i) => {
      if (edge < truth[i]!) below[i]!++;
    });
  }
  return below.map((number) => (number + 0.5) / bins);
}
