import * as v from 'valibot';
import { count, validate } from '../validate';
import { chain } from './chain';
import { dense } from './dense';
import { globalAveragePool } from './globalAveragePool';
import type { Layer } from './layer';
import { patchEmbedding } from './patchEmbedding';
import { printed } from './printed';
import { transformerEncoder } from './transformerEncoder';
import { pair, type Pair } from './windows';

/** Options of `layers.vit`. */
export interface VitOptions {
  /** Size of a patch: one number, or [height, width]. */
  patch: Pair;
  /** Features of a token. A multiple of 4, at least 8. */
  dim: number;
  /** Number of transformer blocks. */
  depth: number;
  /** Heads of the attention of each block. */
  heads: number;
  /** Hidden units of the perceptron of each block. */
  mlp: number;
  /** Number of outputs. */
  classes: number;
  /** Length of the queries, keys and values of one head. Default: dim / heads. */
  headDim?: number;
  /** Add learned biases to the projections of the attention. Default false. */
  attentionBias?: boolean;
  /** Learn a distribution over the weights (true) or one value for each (false). Default true. */
  bayesian?: boolean;
}

const options = v.strictObject({
  patch: pair(1),
  dim: count(1),
  depth: count(1),
  heads: count(1),
  mlp: count(1),
  classes: count(1),
  headDim: v.optional(count(1)),
  attentionBias: v.optional(v.boolean(), false),
  bayesian: v.optional(v.boolean(), true),
});

/**
 * SimpleViT (Beyer, Zhai and Kolesnikov 2022), a vision transformer without class token or dropout, of images [H, W, C] -> [classes].
 * The layer norms are not Bayesian.
 * @throws CredenceError E_OPTION; when built, E_SHAPE if patches do not tile the image, or the heads do not divide `dim`
 */
export function vit(given: VitOptions): Layer {
  const { patch, dim, classes, bayesian, ...encoder } = validate(options, given, 'layers.vit');
  const model = chain('vit', [
    { name: 'embedding', layer: patchEmbedding({ patch, dim, bayesian }) },
    { name: 'encoder', layer: transformerEncoder({ ...encoder, bayesian }) },
    { name: 'mean', layer: globalAveragePool() },
    { name: 'head', layer: dense({ units: classes, bayesian }) },
  ]);
  return printed('vit', [given], model);
}

/** Options of `layers.tinySimpleVit`. */
export interface TinySimpleVitOptions {
  /** Number of outputs. Default 10. */
  classes?: number;
  /** Learn a distribution over the weights (true) or one value for each (false). Default true. */
  bayesian?: boolean;
}

const tinyOptions = v.strictObject({
  classes: v.optional(count(1), 10),
  bayesian: v.optional(v.boolean(), true),
});

/** The vision transformer of the paper on sampling parallelism (arXiv 2604.04736), for CIFAR-10: 2.7 million parameters. */
export function tinySimpleVit(given: TinySimpleVitOptions = {}): Layer {
  const settings = validate(tinyOptions, given, 'layers.tinySimpleVit');
  const model = vit({ patch: 4, dim: 192, depth: 6, heads: 3, headDim: 64, mlp: 768, ...settings });
  return printed('tinySimpleVit', [given], model);
}
