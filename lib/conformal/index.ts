/** Conformal prediction: sets and intervals that keep their promise, whatever the posterior is worth. */
export { conformal, type Predictor } from './conformal';
export {
  ConformalClassifier,
  type ConformalClassifierOptions,
  type ConformalSets,
  type SetEvaluation,
} from './classifier';
export {
  type ConformalIntervals,
  ConformalRegressor,
  type ConformalRegressorOptions,
  type IntervalEvaluation,
  type RegressionScore,
} from './regressor';
export type { ClassScore } from './classScores';
export type { HeldOut } from './heldOut';
