/** What transformer encoders and decoders share. */
import * as v from 'valibot';
import { count } from '../validate';
import { type ActivationName, activationNames } from './activation';
import { headOptions } from './attention';
import { chain } from './chain';
import type { Layer } from './layer';
import { layerNorm } from './layerNorm';
import { multiHeadAttention } from './multiHeadAttention';
import { residual } from './residual';

export interface BlockOptions {
  /** Number of blocks. */
  depth: number;
  /** Heads of each attention of each block. */
  heads: number;
  /** Hidden units of the perceptron of each block. */
  mlp: number;
  /** Length of the queries, keys and values of one head. Default: features / heads. */
  headDim?: number;
  /** Elementwise function of the hidden units. Default 'gelu'. */
  activation?: ActivationName;
  /** Add learned biases to the projections of attentions. Default true. */
  attentionBias?: boolean;
  /** Learn a distribution over the weights (true) or one value for each (false). Default true. */
  bayesian?: boolean;
}

export const blockEntries = {
  ...headOptions,
  depth: count(1),
  mlp: count(1),
  activation: v.optional(v.picklist(activationNames), 'gelu'),
  attentionBias: v.optional(v.boolean(), true),
  bayesian: v.optional(v.boolean(), true),
};

/** What an attention is told of it. */
export const attentionOf = ({
  heads,
  headDim,
  attentionBias,
  bayesian,
}: v.InferOutput<v.ObjectSchema<typeof blockEntries, undefined>>) => ({
  heads,
  ...(headDim !== undefined && { headDim }),
  bias: attentionBias,
  bayesian,
});

/** x += attention(norm(x)) */
export const selfAttention = (
  name: string,
  attention: ReturnType<typeof attentionOf> & { causal: boolean },
): Layer =>
  residual(
    chain(name, [
      { name: 'norm', layer: layerNorm() },
      { name: 'heads', layer: multiHeadAttention(attention) },
    ]),
  );
