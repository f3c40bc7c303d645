import { dataset, type Values } from '../data/dataset';
import type { Binary, Classification, Quantiles, Regression } from '../inference/posterior/prediction';
import { ConformalClassifier, type ConformalClassifierOptions } from './classifier';
import type { HeldOut } from './heldOut';
import { ConformalRegressor, type ConformalRegressorOptions } from './regressor';

/** What is asked of a posterior: that it predicts. */
export interface Predictor<P> {
  /** As `Posterior.predict`. */
  predict(x: Values, options?: { samples?: number; seed?: number }): P;
}

/**
 * Makes intervals (of a regression) or sets of classes (of a classification) that hold the truth with probability `level`, however good the
 * posterior is: split conformal prediction. On n calibration data, a threshold is found that all but 1 - level of them keep. A new datum
 * keeps it with a probability from `level` to level + 1 / (n + 1), if it is exchangeable with them: from the same source, in no order. The
 * promise is for new data on the whole, over both the calibration data and the new one; not for each input.
 *
 * Vovk et al., "Algorithmic learning in a random world", 2005; Angelopoulos and Bates, "Conformal prediction: a gentle introduction", 2023.
 * @param posterior that of a fit, or anything that predicts
 * @param calibration data that it was not trained on; with fewer than level / (1 - level) of them nothing can be promised, and intervals
 *   are infinite, sets full
 * @throws CredenceError E_OPTION, E_SHAPE, E_DATA
 */
export function conformal<P extends Regression | Quantiles>(
  posterior: Predictor<P>,
  calibration: HeldOut,
  options?: ConformalRegressorOptions,
): ConformalRegressor<P>;
export function conformal<P extends Classification | Binary>(
  posterior: Predictor<P>,
  calibration: HeldOut,
  options?: ConformalClassifierOptions,
): ConformalClassifier<P>;
export function conformal(
  posterior: Predictor<Regression | Quantiles | Classification | Binary>,
  calibration: HeldOut,
  options: ConformalRegressorOptions | ConformalClassifierOptions = {},
): ConformalRegressor<Regression | Quantiles> | ConformalClassifier<Classification | Binary> {
  const { x, y } = dataset(calibration.x, calibration.y);
  const { samples, seed } = options;
  const prediction = posterior.predict(x, { samples, seed });
  const again = <P>(inputs: Values): P => posterior.predict(inputs, { samples, seed }) as P;
  return 'levels' in prediction || 'quantile' in prediction
    ? new ConformalRegressor(again, { prediction, y }, options as ConformalRegressorOptions)
    : new ConformalClassifier(again, { prediction, y }, options as ConformalClassifierOptions);
}
