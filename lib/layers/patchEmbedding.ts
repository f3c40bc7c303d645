import * as v from 'valibot';
import { count, validate } from '../validate';
import { chain } from './chain';
import { dense } from './dense';
import type { Layer } from './layer';
import { layerNorm } from './layerNorm';
import { patches } from './patches';
import { positionEncoding } from './positionEncoding';
import { printed } from './printed';
import { imageShape, pair, type Pair, pairOf } from './windows';

/** Options of `layers.patchEmbedding`. */
export interface PatchEmbeddingOptions {
  /** Size of a patch: one number, or [height, width]. */
  patch: Pair;
  /** Features of a token. A multiple of 4, at least 8. */
  dim: number;
  /** Learn a distribution over the weights (true) or one value for each (false). Default true. */
  bayesian?: boolean;
}

const options = v.strictObject({ patch: pair(1), dim: count(1), bayesian: v.optional(v.boolean(), true) });

/**
 * Images [H, W, C] to tokens [H/p W/q, dim], as in SimpleViT (Beyer, Zhai and Kolesnikov 2022): patches, layer norm, linear map, layer
 * norm, and the encoding of their positions added.
 * @throws CredenceError E_OPTION; when built, E_SHAPE if the input is no image, or patches do not tile it
 */
export function patchEmbedding(given: PatchEmbeddingOptions): Layer {
  const { patch, dim, bayesian } = validate(options, given, 'layers.patchEmbedding');
  const [height, width] = pairOf(patch);
  return printed('patchEmbedding', [given], {
    name: 'patchEmbedding',
    build(inputShape) {
      const [rows, columns] = imageShape(inputShape, 'layers.patchEmbedding');
      const cut = patches({ patch });
      cut.build(inputShape); // refuses images that patches do not tile, before the grid would
      const grid = [rows / height, columns / width] as const;
      return chain('patchEmbedding', [
        { name: 'patches', layer: cut },
        { name: 'patchNorm', layer: layerNorm() },
        { name: 'projection', layer: dense({ units: dim, bayesian }) },
        { name: 'norm', layer: layerNorm() },
        { name: 'position', layer: positionEncoding({ grid }) },
      ]).build(inputShape);
    },
  });
}
