import * as v from 'valibot';
import { CredenceError } from '../errors';
import { count, positive, validate } from '../validate';
import { chain, type Part } from './chain';
import { dense } from './dense';
import { globalAveragePool } from './globalAveragePool';
import type { Layer } from './layer';
import { layerNorm } from './layerNorm';
import { patches } from './patches';
import { patchMerging } from './patchMerging';
import { perceptron } from './perceptron';
import { printed } from './printed';
import { reshape } from './reshape';
import { residual } from './residual';
import { windowAttention } from './windowAttention';
import { imageShape, pair, type Pair, pairOf } from './windows';

/** Options of `layers.swin`. */
export interface SwinOptions {
  /** Number of outputs. Default: none, the output are the features of the last stage, [H', W', C']. */
  classes?: number;
  /** Size of a patch: one number, or [height, width]. Default 2. */
  patch?: Pair;
  /** Features of a patch in the first stage; each further stage has twice as many, on a quarter of the places. Default 48. */
  dim?: number;
  /** Number of blocks of each stage. Default [2, 2]. */
  depths?: readonly number[];
  /** Heads of the attention in each stage. Default: one for every 16 features. */
  heads?: readonly number[];
  /** Size of a window, in patches: one number, or [height, width]. Default 4. */
  window?: Pair;
  /** Hidden units of the perceptrons, times their features. Default 4. */
  mlpRatio?: number;
  /** Learn a distribution over the weights (true) or one value for each (false). Default true. */
  bayesian?: boolean;
}

const listRule = 'must be a list of whole numbers of at least 1, one for each stage';
const list = v.pipe(v.array(count(1), listRule), v.minLength(1, listRule));
const options = v.strictObject({
  classes: v.optional(count(1)),
  patch: v.optional(pair(1), 2),
  dim: v.optional(count(1), 48),
  depths: v.optional(list, [2, 2]),
  heads: v.optional(list),
  window: v.optional(pair(1), 4),
  mlpRatio: v.optional(positive(), 4),
  bayesian: v.optional(v.boolean(), true),
});

/** A block of images [H, W, C]: x += attention in windows of norm(x); x += perceptron(norm(x)). */
function block(
  features: number,
  { heads, window, mlpRatio, bayesian }: { heads: number; window: Pair; mlpRatio: number; bayesian: boolean },
  shifted: boolean,
): Layer {
  const attention = chain('attention', [
    { name: 'norm', layer: layerNorm() },
    { name: 'windows', layer: windowAttention({ heads, window, shifted, bayesian }) },
  ]);
  return chain('block', [
    { name: 'attention', layer: residual(attention) },
    { name: 'mlp', layer: residual(perceptron(Math.round(mlpRatio * features), 'gelu', bayesian)) },
  ]);
}

/**
 * A Swin transformer (Liu et al. 2021) of images [H, W, C]: attention within windows that are shifted in every second block, at a
 * resolution that is halved from stage to stage. The layer norms are not Bayesian. Swin-T is
 * `swin({ classes: 1000, patch: 4, dim: 96, depths: [2, 2, 6, 2], heads: [3, 6, 12, 24], window: 7 })`.
 * Parameters: 'embedding.projection.kernel', 'stage0.block1.attention.windows.qkv.kernel', 'stage1.merging.reduction.kernel', 'head.kernel'.
 * @throws CredenceError E_OPTION; when built, E_SHAPE if patches or windows do not tile the image, or the heads do not divide the features
 */
export function swin(given: SwinOptions = {}): Layer {
  const { classes, patch, dim, depths, heads, bayesian, ...rest } = validate(options, given, 'layers.swin');
  if (heads && heads.length !== depths.length) {
    throw new CredenceError(
      'E_OPTION',
      `layers.swin: option 'heads' is for ${heads.length} stages, and option 'depths' for ${depths.length}: give one number of each for each stage`,
    );
  }
  const [height, width] = pairOf(patch);
  const embedding = (rows: number, columns: number): Layer =>
    chain('embedding', [
      { name: 'patches', layer: patches({ patch }) },
      { name: 'projection', layer: dense({ units: dim, bayesian }) },
      { name: 'norm', layer: layerNorm() },
      { name: 'image', layer: reshape([rows / height, columns / width, dim]) },
    ]);
  const stage = (depth: number, i: number): Part => {
    const features = dim * 2 ** i;
    const settings = { ...rest, heads: heads?.[i] ?? Math.max(1, Math.floor(features / 16)), bayesian };
    const blocks = Array.from({ length: depth }, (_, j): Part => ({
      name: `block${j}`,
      layer: block(features, settings, j % 2 === 1),
    }));
    const merging: Part[] = i > 0 ? [{ name: 'merging', layer: patchMerging({ bayesian }) }] : [];
    return { name: `stage${i}`, layer: chain('stage', [...merging, ...blocks]) };
  };
  const head: Part[] =
    classes === undefined
      ? []
      : [
          { name: 'mean', layer: globalAveragePool() },
          { name: 'head', layer: dense({ units: classes, bayesian }) },
        ];
  return printed('swin', [given], {
    name: 'swin',
    build(inputShape) {
      const [rows, columns] = imageShape(inputShape, 'layers.swin');
      patches({ patch }).build(inputShape); // refuses images that patches do not tile, before their grid would
      return chain('swin', [
        { name: 'embedding', layer: embedding(rows, columns) },
        ...depths.map(stage),
        { name: 'norm', layer: layerNorm() },
        ...head,
      ]).build(inputShape);
    },
  });
}
