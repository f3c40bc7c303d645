/** Data: real and made-up problems, ready to train on, and what makes data sets of your own arrays. */
export { cifar10, type Cifar10Data, type Cifar10Options } from './cifar10';
export {
  dataset,
  inputs,
  take,
  takeRows,
  type Dataset,
  type Nested,
  type TensorLike,
  type Values,
} from './dataset';
export { digits, type ClassificationData } from './digits';
export type { DownloadOptions } from './download';
export { ett, type EttOptions } from './ett';
export {
  forecasting,
  type ForecastingData,
  type ForecastingOptions,
  type TimeSeries,
  type Windows,
} from './forecasting';
export { standardization } from './standardization';
export { wave, type WaveData, type WaveOptions } from './wave';
