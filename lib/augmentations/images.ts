/** What changes of images share. */
import * as tf from '@tensorflow/tfjs';
import { gatherRows } from '../engine/compile/gather';
import { CredenceError } from '../errors';
import type { Shape } from '../ndarray';

/**
 * Height, width and channels of an image.
 * @throws CredenceError E_SHAPE
 */
export function imageShape(
  inputShape: Shape,
  what: string,
): [height: number, width: number, channels: number] {
  if (inputShape.length !== 3) {
    throw new CredenceError(
      'E_SHAPE',
      `${what} needs images of shape [height, width, channels], got [${inputShape.join(', ')}]: give data of shape [N, height, width, channels], or leave it out`,
    );
  }
  return inputShape as unknown as [number, number, number];
}

/** 0, 1, ..., length - 1 as int32. */
export const iota = (length: number): tf.Tensor => tf.range(0, length, 1, 'int32');

const times = (x: tf.Tensor, factor: number): tf.Tensor => tf.mul(x, tf.scalar(factor, 'int32'));

/**
 * Images put together from pixels of others: pixel [b, i, j] is pixel [rows[b, i], columns[b, j]] of image b. Whole pixels are gathered
 * by their number in the batch: no copy of the images for each place that a window may have.
 * @param x [B, H, W, C] @param rows [B or 1, H'], int32 @param columns [B or 1, W'], int32
 * @returns [B, H', W', C]
 */
export function pixels(x: tf.Tensor, rows: tf.Tensor, columns: tf.Tensor): tf.Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const starts = tf.add(tf.expandDims(times(iota(batch), height), 1), rows); // [B, H']
  const numbers = tf.add(tf.expandDims(times(starts, width), 2), tf.expandDims(columns, 1)); // [B, H', W']
  const gathered = gatherRows(
    tf.reshape(x, [batch * height * width, channels]),
    tf.reshape(numbers, [numbers.size]),
  );
  return tf.reshape(gathered, [...numbers.shape, channels]);
}
