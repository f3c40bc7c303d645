/** Pure functions from results to figures, and from figures to what a notebook shows. None needs the engine. */
export { bandFigure, type Band, type BandOptions, type Interval } from './band';
export { viewBundle, viewText } from './bundle';
export { calibrationCurveFigure } from './calibrationCurve';
export { chainRanksFigure } from './chainRanks';
export { chainTracesFigure } from './chainTraces';
export { imagesFigure, type Classified, type ImagesOptions } from './images';
export {
  gradientFigure,
  type LayerValues,
  sigmaFigure,
  signalToNoiseFigure,
  type WeightPosterior,
} from './layerHistograms';
export { learningRateFigure } from './learningRate';
export { type Line, linesFigure, type LinesOptions } from './lines';
export { lossFigure, type LossHistory } from './loss';
export { mapFigure, type MapGrid, type MapOptions } from './map';
export { pitFigure } from './pit';
export { pruningFigure, type PruningCurve, type PruningOptions } from './pruning';
export { reliabilityFigure } from './reliability';
export { riskCoverageFigure, type RiskCoverageOptions } from './riskCoverage';
export { type RunCurve, runCurvesFigure, type RunCurvesOptions } from './runCurves';
export { separationFigure, type SeparationOptions } from './separation';
export { speedupFigure, type ScalingPoint, type SpeedupOptions } from './scaling/speedup';
export { drawPicture, type PictureOptions } from './svg/picture';
export { tableFigure } from './table';
export { workersFigure, type WorkerTimes } from './workers';
export {
  COMM_TARGET,
  MIME_TYPE,
  parseNews,
  parseRequest,
  parseView,
  WIRE_VERSION,
  type Control,
  type Figure,
  type Progress,
  type Reply,
  type RunState,
  type View,
} from './wire/messages';
