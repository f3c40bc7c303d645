/** Layers: plain tfjs over declared parameters. */
export { activation, type ActivationName } from './activation';
export { dense, type DenseOptions } from './dense';
export { flatten } from './flatten';
export type { BuiltLayer, Draw, Layer, Parameter } from './layer';
