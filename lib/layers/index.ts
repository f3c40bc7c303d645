/** Layers: plain tfjs over declared parameters. */
export { activation, type ActivationName } from './activation';
export { averagePool } from './averagePool';
export { conv2d, type Conv2dOptions } from './conv2d';
export { dense, type DenseOptions } from './dense';
export { flatten } from './flatten';
export { globalAveragePool } from './globalAveragePool';
export type { BuiltLayer, Draw, Layer, Parameter } from './layer';
export { layerNorm, type LayerNormOptions } from './layerNorm';
export { maxPool } from './maxPool';
export { type AttentionOptions, multiHeadAttention } from './multiHeadAttention';
export { normalize, type NormalizeOptions } from './normalize';
export { patchEmbedding, type PatchEmbeddingOptions } from './patchEmbedding';
export { patches, type PatchOptions } from './patches';
export type { PoolOptions } from './pooling';
export { positionEncoding, type PositionOptions } from './positionEncoding';
export { residual } from './residual';
export { transformerEncoder, type TransformerOptions } from './transformerEncoder';
export { vit, type VitOptions } from './vit';
