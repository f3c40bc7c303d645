/** Steps of vectors, each one pass over memory. */
import * as tf from '@tensorflow/tfjs';
import type { Prior } from '../distributions/prior';
import { fuse } from '../engine/compile/fuse';
import type { TensorFunction } from '../engine/compile/trace';
import type { Optimizer } from '../optimizers/transform';
import type { Vector } from './method';

/** A vector after a step, then what the optimiser keeps for it. */
export type Stepped = readonly tf.Tensor[];

/** The vectors, then what is kept for each: as `Program.update` gives them. */
export const inOrder = (stepped: readonly Stepped[]): tf.Tensor[] => [
  ...stepped.map(([vector]) => vector!),
  ...stepped.flatMap(([, ...kept]) => kept),
];

/** The optimiser's step of a vector. */
export function advance(
  optimizer: Optimizer,
  value: tf.Tensor,
  gradient: tf.Tensor,
  slots: readonly tf.Tensor[],
  step: tf.Tensor,
): tf.Tensor[] {
  const { update, slots: kept } = optimizer.update(gradient, slots, step);
  return [tf.add(value, update), ...kept];
}

/** The step of a vector that no prior is known of, or whose prior is part of its gradient. @param scale of the gradient */
export function plainUpdate(optimizer: Optimizer, scale = 1) {
  const update = fuse<TensorFunction>((step, value, gradient, ...slots) =>
    advance(optimizer, value, tf.mul(gradient, scale), slots, step),
  );
  return (
    { isMoving }: Vector,
    step: tf.Tensor,
    value: tf.Tensor,
    gradient: tf.Tensor,
    slots: readonly tf.Tensor[],
  ): Stepped => {
    // it has its own pace, whatever the optimiser's
    if (isMoving) return [tf.sub(value, gradient), ...slots];
    return [update(step, value, gradient, ...slots)].flat();
  };
}

/** The same for values that a prior is known of; what comes first is -weight sum log p(value), whose gradient is added. */
export const penalizedUpdate = (
  optimizer: Optimizer,
  prior: Prior,
  weight: (step: tf.Tensor) => tf.Tensor | number,
  scale = 1,
): TensorFunction =>
  fuse<TensorFunction>((step, value, gradient, ...slots) => {
    const penalty = (w: tf.Tensor): tf.Tensor => tf.neg(tf.mul(tf.sum(prior.logProb(w)), weight(step)));
    const { value: loss, grads } = tf.valueAndGrads(penalty)([value]);
    return [loss, ...advance(optimizer, value, tf.add(tf.mul(gradient, scale), grads[0]!), slots, step)];
  });
