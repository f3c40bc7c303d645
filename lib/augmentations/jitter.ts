import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { sizeOf } from '../ndarray';
import { positive, validate } from '../validate';
import type { Augmentation } from './augmentation';
import { KEY_UNIFORMS, keyedNoise } from './noise';

/** Options of `augmentations.jitter`. */
export interface JitterOptions {
  /** Standard deviation of the noise, in the units of the inputs. */
  std: number;
}

const options = v.strictObject({ std: positive() });

/**
 * Adds normal noise to every value: for series [T] or [T, C], or any other inputs (Um et al., "Data augmentation of wearable sensor data",
 * ICMI 2017).
 * @throws CredenceError E_OPTION
 */
export function jitter(given: JitterOptions): Augmentation {
  const { std } = validate(options, given, 'augmentations.jitter');
  const noisy = keyedNoise((normals, x) => tf.add(x, tf.mul(normals, std)));
  return {
    name: 'jitter',
    build(inputShape) {
      const size = sizeOf(inputShape);
      return {
        uniforms: KEY_UNIFORMS,
        apply: (x, uniforms) => tf.reshape(noisy(tf.reshape(x, [-1, size]), uniforms), x.shape),
      };
    },
  };
}
