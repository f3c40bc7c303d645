import * as tf from '@tensorflow/tfjs';
import type { Layer } from './layer';
import { type Pool, type PoolOptions, poolLayer } from './pooling';
import { place } from './windows';

/** How many places of each window lie inside of an axis. */
function inside(length: number, size: number, stride: number, before: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const start = i * stride - before;
    return Math.min(start + size, length) - Math.max(start, 0);
  });
}

/** `tf.avgPool`, whose gradient with padding 'same' is wrong without TensorFlow: it counts the zeros. */
const averages: Pool = (images, size, strides, padding) => {
  const lengths = images.shape.slice(1, 3);
  const placed = place(lengths, { size, strides, dilations: [1, 1], padding }, 'layers.averagePool');
  if (placed.every(({ zeros }) => zeros[0] + zeros[1] === 0))
    return tf.avgPool(images, size, strides, 'valid');
  const [top, left] = placed.map(({ zeros }): [number, number] => [zeros[0], zeros[1]]);
  const padded = tf.pad(images, [[0, 0], top!, left!, [0, 0]]);
  const [rows, columns] = placed.map(({ count, zeros }, axis) =>
    inside(lengths[axis]!, size[axis]!, strides[axis]!, zeros[0], count),
  );
  const shares = rows!.map((down) => columns!.map((across) => [(size[0] * size[1]) / (down * across)]));
  return tf.mul(tf.avgPool(padded, size, strides, 'valid'), tf.tensor3d(shares));
};

/**
 * The mean of each window and channel of sequences [L, C], images [H, W, C] -> [H', W', C] or volumes [D, H, W, C]. With padding
 * 'same', what lies outside of the input is left out of the mean.
 * @throws CredenceError E_OPTION; when built, E_SHAPE if the input has other axes, or no window fits
 */
export const averagePool = (given: PoolOptions): Layer => poolLayer('averagePool', given, averages);
