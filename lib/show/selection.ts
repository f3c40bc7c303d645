/** What an uncertainty is good for: to know what is unknown, and when not to answer. */
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { riskCoverageFigure } from '../figures/riskCoverage';
import { separationFigure } from '../figures/separation';
import type { Binary, Classification, Regression } from '../inference/posterior/prediction';
import { predictions } from '../metrics';
import { count, validate } from '../validate';
import { checkTarget, column, truthOf } from './columns';
import { type Picture, picture } from './picture';

/** An uncertainty of a prediction; 'confidence' is how improbable the most probable class is, and of classes only. */
export type UncertaintyName = 'confidence' | 'total' | 'aleatoric' | 'epistemic';

/** Options of `show.separation`. */
export interface ShowSeparationOptions {
  /** Which uncertainty. Default: 'epistemic', which is that of inputs unlike those learned from. */
  by?: UncertaintyName;
  /** Which of D targets. Default 0. */
  target?: number;
  /** Names of the two kinds of inputs. Default: ['known', 'unknown']. */
  names?: readonly [string, string];
  /** Bins of the histograms. Default 30. */
  bins?: number;
}

/** Options of `show.riskCoverage`. */
export interface ShowRiskCoverageOptions {
  /** What is the order of answers. Default: 'confidence' of classes, 'total' of numbers. */
  by?: UncertaintyName;
  /** Which of D targets. Default 0. */
  target?: number;
}

const by = v.picklist(
  ['confidence', 'total', 'aleatoric', 'epistemic'],
  "must be 'confidence', 'total', 'aleatoric' or 'epistemic'",
);

const separationOptions = v.strictObject({
  by: v.optional(by, 'epistemic'),
  target: v.optional(count(0), 0),
  names: v.optional(v.tuple([v.string(), v.string()])),
  bins: v.optional(count(2)),
});

const riskOptions = v.strictObject({ by: v.optional(by), target: v.optional(count(0), 0) });

/** A prediction that has uncertainties. */
export type Uncertain = Classification | Binary | Regression;

const isRegression = (prediction: Uncertain): prediction is Regression => 'interval' in prediction;
const isBinary = (prediction: Uncertain): prediction is Binary =>
  !isRegression(prediction) && prediction.total.shape.length === 2;

/** Targets that have uncertainties of their own: 1 of a classification. */
const targetsOf = ({ total }: Uncertain): number => total.shape[1] ?? 1;

/** One uncertainty of each datum, higher where the model is less sure. @throws CredenceError E_OPTION */
function uncertainty(
  what: string,
  prediction: Uncertain,
  name: UncertaintyName,
  target: number,
): Float64Array {
  const targets = targetsOf(prediction);
  checkTarget(what, target, targets);
  if (name !== 'confidence') return column(prediction[name], target, targets);
  if (isRegression(prediction)) {
    throw new CredenceError(
      'E_OPTION',
      `${what}: option 'by' is 'confidence', which numbers do not have: use 'total', 'aleatoric' or 'epistemic'`,
    );
  }
  const { mean } = prediction;
  if (isBinary(prediction)) return column(mean, target, targets).map((yes) => Math.min(yes, 1 - yes));
  return predictions(mean).confidence.map((confidence) => 1 - confidence);
}

/**
 * Whether unknown inputs are found by their uncertainty: histograms of the uncertainty of inputs like those learned from and of others, and
 * the area under the ROC curve.
 * @param known predictions for inputs like those learned from; or any score of theirs, higher where the model is less sure
 * @param unknown the same for others
 * @throws CredenceError E_OPTION, E_SHAPE, E_DATA
 */
export function separation(
  known: Uncertain | ArrayLike<number>,
  unknown: Uncertain | ArrayLike<number>,
  options: ShowSeparationOptions = {},
): Picture {
  const what = 'show.separation';
  const { by, target, ...rest } = validate(separationOptions, options, what);
  const scores = (given: Uncertain | ArrayLike<number>): ArrayLike<number> =>
    'total' in given ? uncertainty(what, given, by, target) : given;
  const isGiven = !('total' in known);
  const score = isGiven ? 'uncertainty' : by === 'confidence' ? '1 - confidence' : `${by} uncertainty`;
  return picture(separationFigure(scores(known), scores(unknown), { score, ...rest }));
}

/**
 * What it brings to answer only where the model is sure: the mean error over the share of data that are answered. The error is 1 for a wrong
 * class, and the absolute error of a number.
 * @param y [N] or [N, D]: true classes, or what was observed
 * @throws CredenceError E_OPTION, E_SHAPE
 */
export function riskCoverage(
  prediction: Uncertain,
  y: ArrayLike<number>,
  options: ShowRiskCoverageOptions = {},
): Picture {
  const what = 'show.riskCoverage';
  const { target, by } = validate(riskOptions, options, what);
  const numeric = isRegression(prediction);
  const unsure = uncertainty(what, prediction, by ?? (numeric ? 'total' : 'confidence'), target);
  const targets = targetsOf(prediction);
  const truth = truthOf(what, y, { rows: unsure.length, targets, target });
  const confidence = unsure.map((value) => -value);
  const errors = errorsOf(prediction, truth, target);
  return picture(
    riskCoverageFigure(confidence, errors, { error: numeric ? 'absolute error' : 'error rate' }),
  );
}

function errorsOf(prediction: Uncertain, truth: Float64Array, target: number): Float64Array {
  const { mean } = prediction;
  if (isRegression(prediction)) {
    return column(mean, target, targetsOf(prediction)).map((value, i) => Math.abs(value - truth[i]!));
  }
  const guessed = isBinary(prediction)
    ? column(mean, target, targetsOf(prediction)).map((yes) => Number(yes > 0.5))
    : Float64Array.from(predictions(mean).label);
  return guessed.map((label, i) => Number(label !== truth[i]));
}
