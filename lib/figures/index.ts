/** Pure functions from results to figures, and from figures to what a notebook shows. None needs the engine. */
export { bandFigure, type Band, type BandOptions, type Interval } from './band';
export { viewBundle, viewText } from './bundle';
export { imagesFigure, type Classified, type ImagesOptions } from './images';
export { lossFigure, type LossHistory } from './loss';
export { reliabilityFigure } from './reliability';
export { speedupFigure, type ScalingPoint, type SpeedupOptions } from './speedup';
export { drawPicture, type PictureOptions } from './svg/picture';
export {
  COMM_TARGET,
  MIME_TYPE,
  parseControl,
  parseReply,
  parseView,
  WIRE_VERSION,
  type Control,
  type Figure,
  type Progress,
  type Reply,
  type RunState,
  type View,
} from './wire';
