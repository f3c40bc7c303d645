/**
 * Credence: Bayesian deep learning in TypeScript.
 * @module
 */
export * as augmentations from './augmentations';
export * as data from './data';
export * as layers from './layers';
export * as metrics from './metrics';
/** TensorFlow.js, the copy that Credence computes with: what own layers and jitted functions are written in. */
export * as tf from '@tensorflow/tfjs';
export {
  type GaussianOptions,
  type Likelihood,
  likelihoods,
  type Prior,
  priors,
  type QuantileOptions,
  type QuietOptions,
  type ScaleMixtureOptions,
  type StudentTOptions,
  type StudentTPriorOptions,
} from './distributions';
export { fuse } from './engine/compile/fuse';
export { jit, type Jitted, type JitOptions } from './engine/compile/jit';
export { type LoadedFunction } from './engine/compile/portable';
export { repeat, type RoundFunction } from './engine/compile/repeat';
export { devices } from './engine/tfjs/backend';
export { type Device } from './engine/native/devices';
export { tensorflowVersion } from './engine/tfjs/tensorflow';
export { CredenceError, type CredenceErrorCode } from './errors';
export { type Data, fit, type FitOptions } from './fit';
export { type Method } from './inference/method';
export { Posterior, type PredictOptions } from './inference/posterior';
export { type Binary, type Classification, type Quantiles, type Regression } from './inference/prediction';
export { vi, type ViOptions } from './inference/vi';
export { convert, type ConvertOptions } from './layers/convert';
export { type Layer } from './layers/layer';
export { sequential } from './layers/sequential';
export { summary, Summary, type SummaryOptions } from './layers/summary';
export { ndarray, type NdArray } from './ndarray';
export { adam, type Optimizer, sgd } from './optimizers';
export { closePool } from './parallel/pool';
export * as runs from './runs';
export { resume } from './resume';
export { lastRun } from './runs/registry';
export { Run } from './runs/run';
export { paperScaling, Scaling, scaling, type ScalingOptions } from './scaling';
export { Picture, show } from './show';
