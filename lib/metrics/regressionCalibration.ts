import * as v from 'valibot';
import { CredenceError } from '../errors';
import { count, validate } from '../validate';
import { evenEdges } from './binning';
import { checkAligned, type Numbers } from './input';
import { meanOf } from './reduction';

/** @throws CredenceError E_SHAPE, E_DATA unless these are probability integral transforms */
function checkPit(what: string, pit: Numbers): void {
  const n = checkAligned(what, { pit });
  for (let i = 0; i < n; i++) {
    if (pit[i]! < 0 || pit[i]! > 1) {
      throw new CredenceError(
        'E_DATA',
        `${what}: pit[${i}] is ${pit[i]}, not in [0, 1]. It takes the values of metrics.pit or metrics.pitEnsemble`,
      );
    }
  }
}

/**
 * How many probability integral transforms fall into each of equally wide bins of [0, 1]. Flat for calibrated
 * predictions, U-shaped for overconfident, humped for underconfident ones.
 *
 * Gneiting et al., "Probabilistic forecasts, calibration and sharpness", 2007.
 * @param pit values of `metrics.pit` or `metrics.pitEnsemble`
 * @returns counts [bins]; a value on an edge belongs to the bin above, 1 to the last
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function pitHistogram(pit: Numbers, options: { bins?: number } = {}): Int32Array {
  const what = 'metrics.pitHistogram';
  const { bins } = validate(v.strictObject({ bins: v.optional(count(1), 10) }), options, what);
  checkPit(what, pit);
  const counts = new Int32Array(bins);
  for (const value of Array.from(pit)) counts[Math.min(Math.floor(value * bins), bins - 1)]!++;
  return counts;
}

/** Observed against expected coverage; the diagonal for a calibrated model. */
export interface CalibrationCurve {
  /** The levels, evenly spaced from 0 to 1. */
  expected: Float64Array;
  /** The share of data the predictions covered at each level. */
  observed: Float64Array;
}

const curveOptions = v.strictObject({
  points: v.optional(count(2), 100),
  kind: v.optional(v.picklist(['interval', 'quantile'], "must be 'interval' or 'quantile'"), 'interval'),
});

/**
 * The calibration curve of a regression: for each level p the share of data inside the central p-interval ('interval'),
 * or below the p-quantile ('quantile'), of their predictions.
 *
 * Kuleshov et al., "Accurate uncertainties for deep learning using calibrated regression", ICML 2018.
 * @param pit values of `metrics.pit` or `metrics.pitEnsemble`, so any predictive distribution will do
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function calibrationCurve(
  pit: Numbers,
  options: { points?: number; kind?: 'interval' | 'quantile' } = {},
): CalibrationCurve {
  const { points, kind } = validate(curveOptions, options, 'metrics.calibrationCurve');
  checkPit('metrics.calibrationCurve', pit);
  // the smallest level that covers each datum: the central p-interval holds the pit values with |2 pit - 1| <= p
  const needed = Float64Array.from(pit, (value) =>
    kind === 'interval' ? Math.abs(2 * value - 1) : value,
  ).sort();
  const expected = evenEdges(0, 1, points - 1);
  const observed = expected.map((level) => {
    // nothing lies below the 0-quantile: a pit of 0 has been rounded, or comes of a finite ensemble
    if (level === 0 && kind === 'quantile') return 0;
    const first = needed.findIndex((value) => value > level);
    return (first === -1 ? needed.length : first) / needed.length;
  });
  return { expected, observed };
}

/**
 * Miscalibration area: between the calibration curve and the diagonal, exactly for the curve as drawn with straight
 * lines. In [0, 1/2].
 *
 * Tran et al., "Methods for comparing uncertainty quantifications for material property predictions", 2020.
 */
export function miscalibrationArea({ expected, observed }: CalibrationCurve): number {
  let area = 0;
  for (let i = 1; i < expected.length; i++) {
    const width = expected[i]! - expected[i - 1]!;
    const left = observed[i - 1]! - expected[i - 1]!;
    const right = observed[i]! - expected[i]!;
    const [a, b] = [Math.abs(left), Math.abs(right)];
    // where the curve crosses the diagonal the trapezoid is two triangles
    area += left * right >= 0 ? (width * (a + b)) / 2 : (width * (a * a + b * b)) / (2 * (a + b));
  }
  return area;
}

/** Mean absolute calibration error: the mean of |observed - expected| over the points of the curve. */
export const mace = ({ expected, observed }: CalibrationCurve): number =>
  meanOf(observed.map((share, i) => Math.abs(share - expected[i]!)));

/** Root mean squared calibration error over the points of the curve. */
export const rmsce = ({ expected, observed }: CalibrationCurve): number =>
  Math.sqrt(meanOf(observed.map((share, i) => (share - expected[i]!) ** 2)));
