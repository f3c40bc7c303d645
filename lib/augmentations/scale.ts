import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { positive, validate } from '../validate';
import type { Augmentation } from './augmentation';
import { KEY_UNIFORMS, keyedNoise } from './noise';

/** Options of `augmentations.scale`. */
export interface ScaleOptions {
  /** Standard deviation of the factors around 1. */
  std: number;
}

const options = v.strictObject({ std: positive() });

/**
 * Multiplies each channel of series [T, C] by a factor 1 + std eps with a standard normal eps; series [T] have one channel (Um et al.,
 * "Data augmentation of wearable sensor data", ICMI 2017).
 * @throws CredenceError E_OPTION; when built, E_SHAPE if the input is no series
 */
export function scale(given: ScaleOptions): Augmentation {
  const { std } = validate(options, given, 'augmentations.scale');
  const scaled = keyedNoise((normals, one) => tf.add(one, tf.mul(normals, std)));
  return {
    name: 'scale',
    build(inputShape) {
      if (inputShape.length !== 1 && inputShape.length !== 2) {
        throw new CredenceError(
          'E_SHAPE',
          `augmentations.scale needs series of shape [times] or [times, channels], got [${inputShape.join(', ')}]: give data of shape [N, times] or [N, times, channels], or leave it out`,
        );
      }
      const channels = inputShape[1] ?? 1;
      return {
        uniforms: KEY_UNIFORMS,
        apply(x, uniforms) {
          const batch = x.shape[0];
          const factors = scaled(tf.ones([batch, channels]), uniforms);
          return tf.mul(x, inputShape.length === 1 ? factors : tf.expandDims(factors, 1));
        },
      };
    },
  };
}
