import * as v from 'valibot';
import { count, validate } from '../validate';
import { type ActivationName, activationNames } from './activation';
import { chain, type Part } from './chain';
import type { Layer } from './layer';
import { layerNorm } from './layerNorm';
import { multiHeadAttention } from './multiHeadAttention';
import { perceptron } from './perceptron';
import { printed } from './printed';
import { residual } from './residual';

/** Options of `layers.transformerEncoder`. */
export interface TransformerOptions {
  /** Number of blocks. */
  depth: number;
  /** Heads of the attention of each block. */
  heads: number;
  /** Hidden units of the perceptron of each block. */
  mlp: number;
  /** Length of the queries, keys and values of one head. Default: features / heads. */
  headDim?: number;
  /** Elementwise function of the hidden units. Default 'gelu'. */
  activation?: ActivationName;
  /** Each token sees only itself and those before it. Default false. */
  causal?: boolean;
  /** Add learned biases to the projections of the attention. Default true. */
  attentionBias?: boolean;
  /** Learn a distribution over the weights (true) or one value for each (false). Default true. */
  bayesian?: boolean;
}

const options = v.strictObject({
  depth: count(1),
  heads: count(1),
  mlp: count(1),
  headDim: v.optional(count(1)),
  activation: v.optional(v.picklist(activationNames), 'gelu'),
  causal: v.optional(v.boolean(), false),
  attentionBias: v.optional(v.boolean(), true),
  bayesian: v.optional(v.boolean(), true),
});

/**
 * A transformer encoder of tokens [T, D] -> [T, D], with layer norms before attention and perceptron (Xiong et al. 2020) and one at the
 * end: x += attention(norm(x)); x += perceptron(norm(x)). Parameters: '0.attention.heads.qkv.kernel', '0.mlp.hidden.kernel', 'norm.scale'.
 * @throws CredenceError E_OPTION; when built, E_SHAPE if the input is no sequence, or the heads do not divide its features
 */
export function transformerEncoder(given: TransformerOptions): Layer {
  const { depth, mlp, activation, attentionBias, bayesian, ...attention } = validate(
    options,
    given,
    'layers.transformerEncoder',
  );
  const heads = multiHeadAttention({ ...attention, bias: attentionBias, bayesian });
  const attending = chain('attention', [
    { name: 'norm', layer: layerNorm() },
    { name: 'heads', layer: heads },
  ]);
  const block = chain('block', [
    { name: 'attention', layer: residual(attending) },
    { name: 'mlp', layer: residual(perceptron(mlp, activation, bayesian)) },
  ]);
  const blocks = Array.from({ length: depth }, (_, i): Part => ({ name: `${i}`, layer: block }));
  return printed(
    'transformerEncoder',
    [given],
    chain('transformerEncoder', [...blocks, { name: 'norm', layer: layerNorm() }]),
  );
}
