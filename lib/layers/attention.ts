/** What attention layers share: heads, and the attention of queries to keys. */
import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import type { Shape } from '../ndarray';
import { count } from '../validate';

export const headOptions = { heads: count(1), headDim: v.optional(count(1)) };

/**
 * Length of the queries, keys and values of one head.
 * @throws CredenceError E_SHAPE
 */
export function headLength(
  { heads, headDim }: { heads: number; headDim?: number | undefined },
  features: number,
  layer: string,
): number {
  if (headDim === undefined && features % heads !== 0) {
    throw new CredenceError(
      'E_SHAPE',
      `${layer} cannot split ${features} features into ${heads} heads: choose heads that divide them, or set option 'headDim'`,
    );
  }
  return headDim ?? features / heads;
}

/**
 * Tokens and features of a sequence.
 * @throws CredenceError E_SHAPE
 */
export function sequenceShape(inputShape: Shape, layer: string): [tokens: number, features: number] {
  if (inputShape.length !== 2) {
    throw new CredenceError(
      'E_SHAPE',
      `${layer} needs inputs of shape [tokens, features], got [${inputShape.join(', ')}]`,
    );
  }
  return inputShape as unknown as [number, number];
}

/** Tensors [S, N heads, T, D] of such ones side by side, [S, ..., T, parts heads D], for N sequences of each sample. */
export function splitHeads(joined: tf.Tensor, parts: number, heads: number): tf.Tensor[] {
  const [samples, tokens, columns] = [joined.shape[0], joined.shape.at(-2)!, joined.shape.at(-1)!];
  const rows = joined.size / samples / tokens / columns;
  const length = columns / parts / heads;
  const apart = tf.reshape(joined, [samples * rows, tokens, parts, heads, length]);
  const ordered = tf.transpose(apart, [2, 0, 3, 1, 4]);
  return tf.unstack(tf.reshape(ordered, [parts, samples, rows * heads, tokens, length]));
}

/** The opposite, for one of them: [S, N heads, T, D] -> [S, N, T, heads D]. */
export function joinHeads(apart: tf.Tensor, heads: number): tf.Tensor {
  const [samples, all, tokens, length] = apart.shape as [number, number, number, number];
  const rows = all / heads;
  const byRow = tf.reshape(apart, [samples * rows, heads, tokens, length]);
  return tf.reshape(tf.transpose(byRow, [0, 2, 1, 3]), [samples, rows, tokens, heads * length]);
}

/**
 * softmax(q k' / sqrt(D) + bias) v (Vaswani et al. 2017).
 * @param q [S or 1, N, T, D]
 * @param k [S or 1, N, U, D], as v
 * @param bias [S or 1, M, T, U], for every M of the N; default none
 */
export function attend(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, bias?: tf.Tensor): tf.Tensor {
  // the queries are scaled, not the scores, of which there are more
  const scores = tf.matMul(tf.mul(q, 1 / Math.sqrt(q.shape[3]!)), k, false, true);
  return tf.matMul(tf.softmax(bias ? biased(scores, bias) : scores), v);
}

function biased(scores: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const [samples, all, queries, keys] = scores.shape as [number, number, number, number];
  const each = bias.shape[1]! * queries;
  const apart = tf.reshape(scores, [samples, (all * queries) / each, each, keys]);
  const sum = tf.add(apart, tf.reshape(bias, [bias.shape[0], 1, each, keys]));
  return tf.reshape(sum, [sum.shape[0], all, queries, keys]);
}

/** [1, 1, T, T]: zero where row may look at column, else a number that exp makes zero. */
export function causalMask(tokens: number): tf.Tensor {
  const place = tf.range(0, tokens);
  const isLater = tf.greater(tf.expandDims(place, 0), tf.expandDims(place, 1));
  return tf.reshape(tf.mul(tf.cast(isLater, 'float32'), -1e9), [1, 1, tokens, tokens]);
}
