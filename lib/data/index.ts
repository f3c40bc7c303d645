/** Data: real and made-up problems, ready to train on, and what makes data sets of your own arrays and files. */
export { cifar10 } from './cifar10';
export { csv, type CsvOptions } from './csv';
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
export { ett } from './ett';
export {
  forecasting,
  type ForecastingData,
  type ForecastingOptions,
  type TimeSeries,
  type Windows,
} from './forecasting';
export { idx } from './idx';
export type { ImageData, ImageOptions } from './images';
export { fashionMnist, mnist } from './mnist';
export {
  netcdf,
  type NetcdfAttributes,
  type NetcdfFile,
  type NetcdfOptions,
  type NetcdfVariable,
} from './netcdf';
export { npy } from './npy';
export { npz } from './npz';
export { parquet } from './parquet';
export { split, type SplitOptions } from './split';
export { standardization } from './standardization';
export type { TableData, TableOptions } from './table';
export { uci, type UciData, type UciName, type UciOptions } from './uci';
export { wave, type WaveData, type WaveOptions } from './wave';
export {
  weather,
  type WeatherData,
  type WeatherField,
  type WeatherOptions,
  type WeatherWindows,
} from './weather';
