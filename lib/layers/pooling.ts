/** What max and average pooling share. */
import type * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { validate } from '../validate';
import type { Layer } from './layer';
import { imageShape, pair, type Pair, pairOf, place } from './windows';

export interface PoolOptions {
  /** Size of the windows: one number, or [height, width]. */
  poolSize: Pair;
  /** Distance between windows: one number, or [down, across]. Default: `poolSize`, so that they do not overlap. */
  strides?: Pair;
  /** 'valid' (default): only whole windows; 'same': as many as are needed to cover the image. */
  padding?: 'same' | 'valid';
}

const options = v.strictObject({
  poolSize: pair(1),
  strides: v.optional(pair(1)),
  padding: v.optional(v.picklist(['same', 'valid']), 'valid'),
});

/** A pooling function of tfjs. */
type Pool = (
  images: tf.Tensor4D,
  size: [number, number],
  strides: [number, number],
  padding: 'same' | 'valid',
) => tf.Tensor4D;

/**
 * A layer that makes one number of each window and channel of images [S, B, H, W, C].
 * @param apply calls a function of images [N, H, W, C] for them
 */
export function poolLayer(
  name: string,
  given: PoolOptions,
  pool: Pool,
  apply: (pool: (images: tf.Tensor4D) => tf.Tensor, x: tf.Tensor) => tf.Tensor,
): Layer {
  const what = `layers.${name}`;
  const { poolSize, strides = poolSize, padding } = validate(options, given, what);
  const windows = { size: pairOf(poolSize), strides: pairOf(strides), padding };
  return {
    name,
    build(inputShape) {
      const [height, width, channels] = imageShape(inputShape, what);
      const { output } = place([height, width], windows, what);
      return {
        parameters: [],
        outputShape: [...output, channels],
        apply: (_, x) => apply((images) => pool(images, windows.size, windows.strides, padding), x),
      };
    },
  };
}
