import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { streamKey } from '../streams';
import { count, validate } from '../validate';
import type { Batch, Method, Program } from './method';
import { standardNormals } from './families/sampling';

/** Options of `forwardGradients`. */
export interface ForwardGradientOptions {
  /** Directions in which the loss is derived, in each step. Default 8. */
  tangents?: number;
  /**
   * What the derivatives are put together to. 'projection' (default): the gradient as far as it lies in the span of the tangents, the best
   * that they allow. 'mean': mean_k (v_k . gradient) v_k, which is unbiased and much longer.
   */
  aggregation?: 'projection' | 'mean';
}

const options = v.strictObject({
  tangents: v.optional(v.pipe(count(1), v.maxValue(64, 'must be at most 64')), 8),
  aggregation: v.optional(v.picklist(['projection', 'mean']), 'projection'),
});

/** Tangents of a step, [K, n]: the same for all workers. @param word the first of their keys; the second counts steps and tangents */
function tangentsAt(word: number, step: tf.Tensor, tangents: number, length: number): tf.Tensor {
  const first = tf.mul(tf.cast(step, 'int32'), tf.scalar(tangents, 'int32'));
  const numbers = tf.add(tf.range(0, tangents, 1, 'int32'), first);
  const keys = tf.stack([tf.fill([tangents], word, 'int32'), numbers], 1);
  return tf.reshape(standardNormals(keys, [1, length], tf.scalar(0, 'int32')), [tangents, length]);
}

/** The same directions at right angles and of length 1, by Gram and Schmidt's procedure. */
function orthonormal(tangents: tf.Tensor): tf.Tensor {
  const [count, length] = tangents.shape as [number, number];
  let basis: tf.Tensor | undefined;
  for (let k = 0; k < count; k++) {
    let own = tf.slice(tangents, [k, 0], [1, length]);
    if (basis) own = tf.sub(own, tf.matMul(tf.matMul(own, basis, false, true), basis));
    own = tf.div(own, tf.norm(own));
    basis = basis ? tf.concat([basis, own], 0) : own;
  }
  return basis!;
}

/**
 * Gradients known by a few of their directional derivatives only: what training without backpropagation has to go by (Baydin et al.,
 * "Gradients without backpropagation", 2022; Flügel et al., "Beyond backpropagation: optimization with multi-tangent forward gradients",
 * 2024). For studying them with any method that follows gradients: `forwardGradients(vi(), { tangents: 16 })`.
 *
 * The derivatives are computed as inner products of the tangents with the gradient, which is what they are: the numbers are those of forward
 * mode, but time and memory are not saved.
 * @throws CredenceError E_OPTION
 */
export function forwardGradients(method: Method, given: ForwardGradientOptions = {}): Method {
  const { tangents, aggregation } = validate(options, given, 'forwardGradients');
  const rebuilt = (word: number, gradient: tf.Tensor, step: tf.Tensor): tf.Tensor => {
    const directions = tangentsAt(word, step, tangents, gradient.size);
    const basis = aggregation === 'projection' ? orthonormal(directions) : directions;
    const derivatives = tf.matMul(tf.reshape(gradient, [1, -1]), basis, false, true);
    const sum = tf.matMul(derivatives, basis);
    return tf.reshape(aggregation === 'projection' ? sum : tf.div(sum, tangents), [-1]);
  };
  return {
    ...method,
    name: `${method.name} by ${tangents} forward gradients (${aggregation})`,
    build(problem) {
      const [word] = streamKey(problem.seed ?? 0, 'tangents');
      const program: Program = { ...method.build(problem) };
      const learned = program.vectors.filter(({ isMoving }) => !isMoving); // the others have no derivatives
      const lengths = learned.map(({ length }) => length);
      delete program.gradientPieces;
      return {
        ...program,
        // linear: what is put together of the parts of all calls adds up to what is put together of the whole
        gradients(vectors: readonly tf.Tensor[], batch: Batch, others) {
          const [losses, ...gradients] = program.gradients(vectors, batch, others);
          const all = tf.concat(gradients.slice(0, learned.length));
          const moves = gradients.slice(learned.length);
          return [losses!, ...tf.split(rebuilt(word | 0, all, batch.step), lengths), ...moves];
        },
      };
    },
  };
}
