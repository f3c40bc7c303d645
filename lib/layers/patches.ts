import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { validate } from '../validate';
import type { Layer } from './layer';
import { printed } from './printed';
import { imageShape, pair, type Pair, pairOf } from './windows';

/** Options of `layers.patches`. */
export interface PatchOptions {
  /** Size of a patch: one number, or [height, width]. */
  patch: Pair;
}

const options = v.strictObject({ patch: pair(1) });

/**
 * Cuts images [H, W, C] into patches that become tokens, [H/p W/q, p q C]: patches row by row, and the pixels of each row by row.
 * @throws CredenceError E_OPTION; when built, E_SHAPE if the input is no image, or patches do not tile it
 */
export function patches(given: PatchOptions): Layer {
  const [height, width] = pairOf(validate(options, given, 'layers.patches').patch);
  return printed('patches', [given], {
    name: 'patches',
    build(inputShape) {
      const [rows, columns, channels] = imageShape(inputShape, 'layers.patches');
      if (rows % height !== 0 || columns % width !== 0) {
        throw new CredenceError(
          'E_SHAPE',
          `patches of ${height} x ${width} do not tile images of ${rows} x ${columns}: choose a size that divides them`,
        );
      }
      const [down, across] = [rows / height, columns / width];
      const tokens = [down * across, height * width * channels];
      return {
        parameters: [],
        outputShape: tokens,
        apply(_, x) {
          const [samples, batch] = x.shape as [number, number];
          const apart = tf.reshape(x, [samples * batch * down, height, across, width * channels]);
          return tf.reshape(tf.transpose(apart, [0, 2, 1, 3]), [samples, batch, ...tokens]);
        },
      };
    },
  });
}
