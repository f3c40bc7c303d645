import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { fuse } from '../engine/compile/fuse';
import { count, validate } from '../validate';
import type { Augmentation } from './augmentation';
import { imageShape, iota, pixels } from './images';

/** Options of `augmentations.randomCrop`. */
export interface RandomCropOptions {
  /** Zeros put around the image on every side: how far it may move, in pixels. */
  padding: number;
}

const options = v.strictObject({ padding: count(1) });

/**
 * Puts zeros around images [H, W, C] and cuts a window of their size out at a random place, all (2 padding + 1)^2 being equally likely:
 * with padding 4, what is customary for CIFAR (Lee et al., "Deeply-supervised nets", AISTATS 2015; He et al. 2016).
 * @throws CredenceError E_OPTION; when built, E_SHAPE if the input is no image
 */
export function randomCrop(given: RandomCropOptions): Augmentation {
  const { padding } = validate(options, given, 'augmentations.randomCrop');
  const crop = fuse((x: tf.Tensor, uniforms: tf.Tensor) => {
    const [, height, width] = x.shape as [number, number, number];
    const around = [padding, padding] as [number, number];
    const padded = tf.pad(x, [[0, 0], around, around, [0, 0]]);
    // u < 1 - 2^-24 times n rounds to less than n
    const places = tf.cast(tf.floor(tf.mul(uniforms, 2 * padding + 1)), 'int32');
    const [top, left] = tf.split(places, 2, 1) as [tf.Tensor, tf.Tensor];
    return pixels(padded, tf.add(top, iota(height)), tf.add(left, iota(width)));
  });
  return {
    name: 'randomCrop',
    build(inputShape) {
      imageShape(inputShape, 'augmentations.randomCrop');
      return { uniforms: 2, apply: crop };
    },
  };
}
