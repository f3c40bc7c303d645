import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { gatherRows } from '../engine/compile/gather';
import { isTracing } from '../engine/compile/trace';
import { withGradient } from '../engine/compile/vjp';
import { CredenceError } from '../errors';
import { sizeOf } from '../ndarray';
import { count, validate } from '../validate';
import type { Layer } from './layer';
import { printed } from './printed';

/** Options of `layers.embedding`. */
export interface EmbeddingOptions {
  /** Number of different tokens: inputs are 0, 1, ... vocabulary - 1. */
  vocabulary: number;
  /** Features of a token. */
  dim: number;
  /** Learn a distribution over the weights (true) or one value for each (false). Default true. */
  bayesian?: boolean;
}

const options = v.strictObject({
  vocabulary: count(1),
  dim: count(1),
  bayesian: v.optional(v.boolean(), true),
});

/** Which of x are whole numbers from 0 to vocabulary - 1. */
const isToken = (x: tf.Tensor, vocabulary: number): tf.Tensor =>
  tf.logicalAnd(tf.equal(x, tf.floor(x)), tf.logicalAnd(tf.greaterEqual(x, 0), tf.less(x, vocabulary)));

type Tables = readonly [samples: number, vocabulary: number, dim: number];

/** The row of each token x [S or 1, ...] where the tables [S or 1, V, D] are one, in which those of sample s begin at s V: int32, [N]. */
function rowNumbers(x: tf.Tensor, [samples, vocabulary]: Tables): tf.Tensor1D {
  const starts = tf.mul(tf.range(0, samples, 1, 'int32'), tf.scalar(vocabulary, 'int32'));
  const offsets = tf.reshape(starts, [samples, ...x.shape.slice(1).map(() => 1)]);
  return tf.reshape(tf.add(tf.cast(x, 'int32'), offsets), [-1]);
}

/** Rows of tables [S or 1, V, D] for tokens x [S or 1, ...]: [S or 1, ..., D]. (The gradient that tfjs has reads the tokens.) */
const lookUp = withGradient(
  ([tables, x]) => {
    const shape = tables!.shape as unknown as Tables;
    const [samples, vocabulary, dim] = shape;
    const table = tf.reshape(tables!, [samples * vocabulary, dim]);
    const numbers = rowNumbers(x!, shape);
    const rows = isTracing() ? gatherRows(table, numbers) : tf.gather(table, numbers);
    // GPUs and XLA do not refuse rows that are not there
    const missing = tf.where(isToken(x!, vocabulary), tf.zerosLike(x!), tf.fill(x!.shape, NaN));
    const wide = tf.reshape(rows, [-1, ...x!.shape.slice(1), dim]);
    return [tf.add(wide, tf.expandDims(missing, -1))];
  },
  ([tables, x], _, [dy]) => {
    const shape = tables!.shape as unknown as Tables;
    const [samples, vocabulary, dim] = shape;
    const rows = tf.reshape(dy!, [-1, dim]);
    const sums = tf.unsortedSegmentSum(rows, rowNumbers(x!, shape), samples * vocabulary);
    return [tf.reshape(sums, [...shape]), null];
  },
);

/** @throws CredenceError E_DATA if something else than a token is among these, whose inputs are so many numbers each */
function assertTokens(x: ArrayLike<number>, vocabulary: number, size: number): void {
  for (let i = 0; i < x.length; i++) {
    const token = x[i]!;
    if (token >= 0 && token < vocabulary && Number.isInteger(token)) continue;
    throw new CredenceError(
      'E_DATA',
      `layers.embedding needs whole numbers from 0 to ${vocabulary - 1}, got ${token} in row ${Math.floor(i / size)}: make option 'vocabulary' larger than the largest token`,
    );
  }
}

/**
 * A row of learned numbers for each token: whole numbers [...] -> [..., dim]. Kernel [vocabulary, dim]; each sample has a table of its
 * own, whichever the estimator. A token that is not in the table is refused where it can be read; in a compiled function TensorFlow
 * refuses it, or what comes of it is not a number.
 * @throws CredenceError E_OPTION; when it is given inputs, E_DATA
 */
export function embedding(given: EmbeddingOptions): Layer {
  const { vocabulary, dim, bayesian } = validate(options, given, 'layers.embedding');
  return printed('embedding', [given], {
    name: 'embedding',
    build: (inputShape) => ({
      parameters: [{ name: 'kernel', shape: [vocabulary, dim], bayesian, fanIn: 1, initial: 'uniform' }],
      outputShape: [...inputShape, dim],
      checkInputs: (x) => assertTokens(x, vocabulary, sizeOf(inputShape)),
      apply(draw, x) {
        if (!isTracing()) assertTokens(x.dataSync<'float32'>(), vocabulary, sizeOf(inputShape));
        return lookUp(draw.value('kernel'), x)[0]!;
      },
    }),
  });
}
