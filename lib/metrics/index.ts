/**
 * Proper scores, calibration, uncertainty and out-of-distribution detection: plain arrays in, plain numbers and arrays
 * out, in double precision, without the engine.
 *
 * Predictions come first and the truth last. Arrays are flat and row-major; samples are the first axis: [S, ...].
 */
export { accuracy, brier, nll, predictions, type Predictions } from './classification';
export {
  ace,
  classwiseEce,
  ece,
  mce,
  reliabilityBins,
  type Binning,
  type CalibrationOptions,
  type ReliabilityBin,
} from './calibration';
export { mae, rmse } from './point';
export { crpsGaussian, gaussianNll, pit, sharpness } from './gaussian';
export { crpsEnsemble, pitEnsemble, ranks } from './ensemble';
export { crpsMixture, mixtureNll, mixtureQuantiles, pitMixture } from './mixture';
export { pinball } from './pinball';
export { intervalScore, mpiw, picp } from './interval';
export {
  calibrationCurve,
  mace,
  miscalibrationArea,
  pitHistogram,
  rmsce,
  type CalibrationCurve,
} from './regressionCalibration';
export { ence } from './ence';
export { auroc, aupr, fprAtTpr } from './detection';
export {
  aurc,
  ause,
  excessAurc,
  riskCoverage,
  sparsification,
  type RiskCoverage,
  type Sparsification,
} from './selective';
export {
  classVarianceSplit,
  entropy,
  entropySplit,
  varianceSplit,
  type UncertaintySplit,
} from './uncertainty';
export { disagreement, pairwiseKl, variationRatio } from './disagreement';
export { quantiles } from './quantiles';
export { mergeMoments, moments, stdOf, type Moments } from './moments';
export { rhat } from './rhat';
export { ess, mcse } from './ess';
export type { ChainOptions } from './chains';
export { normalCdf, normalPdf, normalQuantile } from './normal';
export { meanSigmoid } from './probit';
export type { Numbers, StackOptions } from './input';
export type { ClassOptions, ClassStackOptions } from './probabilities';
export type { Reduced, Reduction, ReductionOptions } from './reduction';
