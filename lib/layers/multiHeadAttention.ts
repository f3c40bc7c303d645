import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { count, validate } from '../validate';
import { dense } from './dense';
import type { Layer } from './layer';

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
  heads: count(1),
  headDim: v.optional(count(1)),
  causal: v.optional(v.boolean(), false),
  bayesian: v.optional(v.boolean(), true),
  bias: v.optional(v.boolean(), true),
});

/** [T, T]: zero where row may look at column, else a number that exp makes zero. */
function causalMask(tokens: number): tf.Tensor {
  const place = tf.range(0, tokens);
  const isLater = tf.greater(tf.expandDims(place, 0), tf.expandDims(place, 1));
  return tf.mul(tf.cast(isLater, 'float32'), -1e9);
}

/**
 * Multi-head self-attention (Vaswani et al. 2017) over tokens [T, D]: softmax(q k' / sqrt(headDim)) v in each head, and a projection of
 * all heads to D features. Parameters: 'qkv.kernel' [D, 3 heads headDim], whose columns are queries, keys, values, each head by head, and
 * 'output.kernel' [heads headDim, D].
 * @throws CredenceError E_OPTION; when built, E_SHAPE if the input is no sequence, or the heads do not divide its features
 */
export function multiHeadAttention(given: AttentionOptions): Layer {
  const { heads, headDim, causal, bayesian, bias } = validate(options, given, 'layers.multiHeadAttention');
  return {
    name: 'multiHeadAttention',
    build(inputShape) {
      const [tokens, features] = inputShape;
      if (tokens === undefined || features === undefined || inputShape.length !== 2) {
        throw new CredenceError(
          'E_SHAPE',
          `layers.multiHeadAttention needs inputs of shape [tokens, features], got [${inputShape.join(', ')}]`,
        );
      }
      if (headDim === undefined && features % heads !== 0) {
        throw new CredenceError(
          'E_SHAPE',
          `layers.multiHeadAttention cannot split ${features} features into ${heads} heads: choose heads that divide them, or set option 'headDim'`,
        );
      }
      const length = headDim ?? features / heads;
      const inner = heads * length;
      const projection = { bayesian, bias };
      const qkv = dense({ units: 3 * inner, ...projection }).build(inputShape);
      const output = dense({ units: features, ...projection }).build([tokens, inner]);
      const scale = 1 / Math.sqrt(length);

      /** Queries, keys and values [S B heads, T, headDim] of [S, B, T, 3 heads headDim]. */
      const split = (joined: tf.Tensor): tf.Tensor[] => {
        const rows = joined.shape[0] * joined.shape[1]!;
        const apart = tf.reshape(joined, [rows, tokens, 3, heads, length]);
        const parts = tf.transpose(apart, [2, 0, 3, 1, 4]);
        return tf.unstack(tf.reshape(parts, [3, rows * heads, tokens, length]));
      };
      const attend = (joined: tf.Tensor): tf.Tensor => {
        const [samples, batch] = joined.shape as [number, number];
        const [q, k, v] = split(joined) as [tf.Tensor, tf.Tensor, tf.Tensor];
        // the queries are scaled, not the scores, of which there are more
        const scores = tf.matMul(tf.mul(q, scale), k, false, true);
        const weights = tf.softmax(causal ? tf.add(scores, causalMask(tokens)) : scores);
        const mixed = tf.reshape(tf.matMul(weights, v), [samples * batch, heads, tokens, length]);
        return tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [samples, batch, tokens, inner]);
      };
      return {
        parameters: [
          ...qkv.parameters.map((parameter) => ({ ...parameter, name: `qkv.${parameter.name}` })),
          ...output.parameters.map((parameter) => ({ ...parameter, name: `output.${parameter.name}` })),
        ],
        outputShape: inputShape,
        apply: (draw, x) => output.apply(draw.part('output'), attend(qkv.apply(draw.part('qkv'), x))),
      };
    },
  };
}
