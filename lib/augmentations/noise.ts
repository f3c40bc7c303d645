/** What augmentations by normal random numbers share. */
import * as tf from '@tensorflow/tfjs';
import { overNormals } from '../engine/random';

/** Uniform numbers that make the key of a datum. */
export const KEY_UNIFORMS = 2;

/**
 * Makes a function of a standard normal and a value, elementwise, one of rows [B, n] and a key for each, [B, 2] uniforms: the normals
 * are made from the key where they are needed, whatever their number.
 */
export function keyedNoise(
  f: (normals: tf.Tensor, values: tf.Tensor) => tf.Tensor,
): (rows: tf.Tensor, uniforms: tf.Tensor) => tf.Tensor {
  const noisy = overNormals((normals, values) => f(normals, values));
  return (rows, uniforms) => {
    const keys = tf.cast(tf.mul(uniforms, 2 ** 24), 'int32'); // all bits that a uniform number has
    return noisy(keys, { data: 1, each: rows.shape[1]!, first: tf.scalar(0, 'int32') }, rows);
  };
}
