import * as tf from '@tensorflow/tfjs';

/** The axes of a batch of matrices. */
export const batchOf = ({ shape }: tf.TensorInfo): number[] => shape.slice(0, -2);

/**
 * Whether tfjs's own kernels multiply these batches of matrices rightly: they know one batch axis, or equal ones. Given [2, 1] and [1, 3]
 * matrices they multiply 3 pairs instead of 6.
 */
export const isPlainBroadcast = (a: tf.TensorInfo, b: tf.TensorInfo): boolean => {
  const [left, right] = [batchOf(a), batchOf(b)];
  const isOne = (batch: number[]): boolean => batch.every((length) => length === 1);
  return isOne(left) || isOne(right) || left.join() === right.join();
};
