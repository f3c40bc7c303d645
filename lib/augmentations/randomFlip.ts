import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { fuse } from '../engine/compile/fuse';
import { validate } from '../validate';
import type { Augmentation } from './augmentation';
import { imageShape, iota, pixels } from './images';

/** Options of `augmentations.randomFlip`. */
export interface RandomFlipOptions {
  /** How likely an image is flipped. Default 0.5. */
  probability?: number;
}

const rule = 'must be a number from 0 to 1';
const options = v.strictObject({
  probability: v.optional(v.pipe(v.number(rule), v.minValue(0, rule), v.maxValue(1, rule)), 0.5),
});

/**
 * Swaps left and right of images [H, W, C] at random.
 * @throws CredenceError E_OPTION; when built, E_SHAPE if the input is no image
 */
export function randomFlip(given: RandomFlipOptions = {}): Augmentation {
  const { probability } = validate(options, given, 'augmentations.randomFlip');
  const flip = fuse((x: tf.Tensor, uniforms: tf.Tensor) => {
    const [, height, width] = x.shape as [number, number, number];
    const flipped = tf.cast(tf.less(uniforms, probability), 'int32'); // [B, 1]
    const last = tf.mul(flipped, tf.scalar(width - 1, 'int32'));
    return pixels(x, tf.expandDims(iota(height), 0), tf.abs(tf.sub(last, iota(width))));
  });
  return {
    name: 'randomFlip',
    build(inputShape) {
      imageShape(inputShape, 'augmentations.randomFlip');
      return { uniforms: 1, apply: flip };
    },
  };
}
