import * as v from 'valibot';
import { validate } from '../validate';
import { chain, type Part } from './chain';
import type { Layer } from './layer';
import { layerNorm } from './layerNorm';
import { perceptron } from './perceptron';
import { printed } from './printed';
import { residual } from './residual';
import { attentionOf, blockEntries, type BlockOptions, selfAttention } from './transformerBlocks';

/** Options of `layers.transformerEncoder`. */
export interface TransformerOptions extends BlockOptions {
  /** Each token sees only itself and those before it. Default false. */
  causal?: boolean;
}

const options = v.strictObject({ ...blockEntries, causal: v.optional(v.boolean(), false) });

/**
 * A transformer encoder of tokens [T, D] -> [T, D], with layer norms before attention and perceptron (Xiong et al. 2020) and one at the
 * end: x += attention(norm(x)); x += perceptron(norm(x)). Parameters: '0.attention.heads.qkv.kernel', '0.mlp.hidden.kernel', 'norm.scale'.
 * @throws CredenceError E_OPTION; when built, E_SHAPE if the input is no sequence, or the heads do not divide its features
 */
export function transformerEncoder(given: TransformerOptions): Layer {
  const settings = validate(options, given, 'layers.transformerEncoder');
  const { depth, mlp, activation, bayesian, causal } = settings;
  const block = chain('block', [
    { name: 'attention', layer: selfAttention('attention', { ...attentionOf(settings), causal }) },
    { name: 'mlp', layer: residual(perceptron(mlp, activation, bayesian)) },
  ]);
  const blocks = Array.from({ length: depth }, (_, i): Part => ({ name: `${i}`, layer: block }));
  return printed(
    'transformerEncoder',
    [given],
    chain('transformerEncoder', [...blocks, { name: 'norm', layer: layerNorm() }]),
  );
}
