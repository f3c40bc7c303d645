/**
 * Credence: Bayesian deep learning in TypeScript.
 * @module
 */
import { resume } from './resume';
import { listenForControls } from './show/controls';
import { listenForRunsPanels } from './show/runsPanel';

/** Random changes of training inputs, made anew in every step: flips, shifts and noise that leave the target as it is. */
export * as augmentations from './augmentations';
/** The numerical conventions of other libraries, to compare runs number by number. */
export * as compat from './compat';
/** Real and made-up problems, ready to train on, and what makes data sets of your own arrays. */
export * as data from './data';
/** Distributions of plain numbers: densities, quantiles and entropies in double precision, to plot and to compare. */
export * as distributions from './distributions/numbers';
/** Where to look next for the best value of a function that is not known for sure. */
export * as acquisition from './gaussianProcess/acquisition';
/** What models are made of, and the means for layers of your own. */
export * as layers from './layers';
/** Proper scores, calibration, uncertainty, detection: plain arrays in, plain numbers and arrays out. */
export * as metrics from './metrics';
/** TensorFlow.js, the copy that Credence computes with: what own layers and jitted functions are written in. */
export * as tf from '@tensorflow/tfjs';
export {
  type ClassScore,
  conformal,
  ConformalClassifier,
  type ConformalClassifierOptions,
  type ConformalIntervals,
  ConformalRegressor,
  type ConformalRegressorOptions,
  type ConformalSets,
  type HeldOut,
  type IntervalEvaluation,
  type Predictor,
  type RegressionScore,
  type SetEvaluation,
} from './conformal';
export {
  type GaussianOptions,
  type Kind,
  type Likelihood,
  likelihoods,
  type LowRankOptions,
  type PosteriorForm,
  posteriors,
  type Prior,
  priors,
  type QuantileOptions,
  type QuietOptions,
  type ScaleMixtureOptions,
  type StudentTOptions,
  type StudentTPosteriorOptions,
  type StudentTPriorOptions,
} from './distributions';
export { type FisherRoot } from './distributions/fisherRoot';
export { type Predictive } from './distributions/predictive';
export { type Targets } from './distributions/likelihood';
export { type NormalParameters } from './distributions/prior';
export { fuse } from './engine/compile/fuse';
export { jit, type Jitted, type JitOptions } from './engine/compile/jit';
export { type LoadedFunction } from './engine/compile/portable';
export { repeat, type RoundFunction } from './engine/compile/repeat';
export { type TensorFunction, type TensorSpec } from './engine/compile/trace';
export { devices } from './engine/tfjs/backend';
export { type Device } from './engine/native/devices';
export { tensorflowVersion } from './engine/tfjs/tensorflow';
export { CredenceError, type CredenceErrorCode } from './errors';
export { type Data, fit, type FitOptions } from './fit';
export {
  gaussianProcess,
  type GaussianProcess,
  type GaussianProcessOptions,
} from './gaussianProcess/gaussianProcess';
export { ensemble, type EnsembleOptions } from './inference/ensemble';
export { type ChainDiagnostics } from './inference/chains/diagnostics';
export { type ChainOptions } from './inference/chains/options';
export { type EstimatorName } from './inference/families/estimators';
export { forwardGradients, type ForwardGradientOptions } from './inference/forwardGradients';
export { hmc, type HmcOptions } from './inference/chains/hmc';
export { nuts, type NutsOptions } from './inference/chains/nuts';
export { type Annealing, type KlWeight } from './inference/klWeight';
export { type LangevinOptions } from './inference/langevin/langevin';
export { laplace, type LaplaceOptions } from './inference/laplace/laplace';
export { type LaplaceStructure } from './inference/laplace/layout';
export { map } from './inference/map';
export { mcDropout, type McDropoutOptions } from './inference/mcDropout';
export { type Method } from './inference/method';
export { type PointOptions } from './inference/points';
export { Posterior, type PredictOptions } from './inference/posterior/posterior';
export {
  type Binary,
  type Classification,
  type Limits,
  type Predictions,
  type Quantiles,
  type Regression,
} from './inference/posterior/prediction';
export { sghmc, type SghmcOptions } from './inference/langevin/sghmc';
export { sgld } from './inference/langevin/sgld';
export {
  type Drawn,
  EnoughSamples,
  enoughSamples,
  standardError,
  type StandardErrorOptions,
} from './inference/posterior/standardError';
export { type StepCycles, type StepDecay, type StepSchedule } from './inference/langevin/stepSchedule';
export { swag, type SwagOptions } from './inference/swag/swag';
export { rank1, type Rank1Options } from './inference/rank1';
export { type Scores } from './inference/posterior/scores';
export { vi, type ViOptions } from './inference/vi';
export { convert, type ConvertOptions } from './layers/convert';
export { type Layer } from './layers/layer';
export { sequential } from './layers/sequential';
export { summary, Summary, type SummaryOptions, type SummaryRow } from './layers/summary';
/** Models and weights that come from elsewhere. */
export * as weights from './weights';
export { withWeights, type WithWeightsOptions } from './weights/withWeights';
export { ndarray, type NdArray, type Shape, type TypedArray } from './ndarray';
export {
  adam,
  type AdamOptions,
  type LearningRate,
  type Optimizer,
  type RateSchedule,
  sgd,
  type SgdOptions,
  type Transform,
} from './optimizers';
export { type Measurement } from './parallel/auto';
export { type Strategy } from './parallel/chooseMesh';
export { type Mesh } from './parallel/plan/mesh';
export { Pool, pool, type PoolOptions, type Rank } from './cluster';
export { type JobOptions } from './mpi';
export { closePool } from './parallel/worker/pool';
export { type Activity, type Times } from './parallel/memory/stopwatch';
/** The runs that are kept on disk. */
export * as runs from './runs';
export { resume } from './resume';
export { lastRun } from './runs/registry';
export { type History, Run, type RunPlan } from './runs/run';
export {
  type Cell,
  type Cluster,
  type Curve,
  type FittedStep,
  fitScaling,
  type FitScalingOptions,
  type MeasuredStep,
  measureNetwork,
  type MeasureNetworkOptions,
  type Network,
  type PaperEpoch,
  paperEpochs,
  paperScaling,
  type PredictedStep,
  type Prediction,
  predictScaling,
  type PredictScalingOptions,
  type Quantity,
  Scaling,
  scaling,
  ScalingFit,
  type ScalingOptions,
  ScalingPrediction,
  type ScalingStrategy,
  type StepCosts,
  type StepModel,
  type StepPlace,
  type StepTimes,
} from './scaling';
export {
  type ImagesOptions,
  type Line,
  type LinesOptions,
  type MapGrid,
  Picture,
  type ScalingPoint,
  show,
  type ShowBandsOptions,
  type ShowCalibrationCurveOptions,
  type ShowChainsOptions,
  type ShowMapsOptions,
  type ShowPitOptions,
  type ShowPruningOptions,
  type ShowRiskCoverageOptions,
  type ShowSeparationOptions,
  type SpeedupOptions,
  type Uncertain,
  type UncertaintyName,
} from './show';

// In a notebook the front end may ask for runs as soon as the library is there
listenForControls();
listenForRunsPanels(resume);
