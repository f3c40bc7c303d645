import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { validate } from '../validate';
import {
  attend,
  causalMask,
  headLength,
  headOptions,
  joinHeads,
  sequenceShape,
  splitHeads,
} from './attention';
import { parametersOf } from './chain';
import { dense } from './dense';
import type { Layer } from './layer';
import { printed } from './printed';

/** Options of `layers.multiHeadAttention`. */
export interface AttentionOptions {
  /** Number of heads. */
  heads: number;
  /** Length of the queries, keys and values of one head. Default: features / heads. */
  headDim?: number;
  /** Each token sees only itself and those before it. Default false. */
  causal?: boolean;
  /** Learn a distribution over the weights (true) or one value for each (false). Default true. */
  bayesian?: boolean;
  /** Add learned biases to the projections. Default true. */
  bias?: boolean;
}

const options = v.strictObject({
  ...headOptions,
  causal: v.optional(v.boolean(), false),
  bayesian: v.optional(v.boolean(), true),
  bias: v.optional(v.boolean(), true),
});

/**
 * Multi-head self-attention (Vaswani et al. 2017) over tokens [T, D]: softmax(q k' / sqrt(headDim)) v in each head, and a projection of
 * all heads to D features. Parameters: 'qkv.kernel' [D, 3 heads headDim], whose columns are queries, keys, values, each head by head, and
 * 'output.kernel' [heads headDim, D].
 * @throws CredenceError E_OPTION; when built, E_SHAPE if the input is no sequence, or the heads do not divide its features
 */
export function multiHeadAttention(given: AttentionOptions): Layer {
  const { causal, bayesian, bias, ...head } = validate(options, given, 'layers.multiHeadAttention');
  const { heads } = head;
  return printed('multiHeadAttention', [given], {
    name: 'multiHeadAttention',
    build(inputShape) {
      const [tokens, features] = sequenceShape(inputShape, 'layers.multiHeadAttention');
      const inner = heads * headLength(head, features, 'layers.multiHeadAttention');
      const qkv = dense({ units: 3 * inner, bayesian, bias }).build(inputShape);
      const output = dense({ units: features, bayesian, bias }).build([tokens, inner]);
      const mix = (joined: tf.Tensor): tf.Tensor => {
        const [q, k, v] = splitHeads(joined, 3, heads) as [tf.Tensor, tf.Tensor, tf.Tensor];
        return joinHeads(attend(q, k, v, causal ? causalMask(tokens) : undefined), heads);
      };
      return {
        parameters: parametersOf([
          { name: 'qkv', layer: qkv },
          { name: 'output', layer: output },
        ]),
        outputShape: inputShape,
        apply: (draw, x) => output.apply(draw.part('output'), mix(qkv.apply(draw.part('qkv'), x))),
      };
    },
  });
}
