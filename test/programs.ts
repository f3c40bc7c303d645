/** What tests ask of a program: its vectors as tensors, and the named variables in them. */
import * as tf from '@tensorflow/tfjs';
import type { Batch, Program } from '../lib/inference/method';
import { ndarray, type NdArray, sizeOf } from '../lib/ndarray';
import { noiseKeys } from '../lib/streams';
import type { Key } from '../lib/threefry';

/** The vectors a program starts from. */
export const startVectors = (program: Program, seed = 1): Float32Array[] =>
  program.vectors.map(({ initial }) => initial(seed));

/** The variables in vectors, by name. */
export const variablesOf = (program: Program, vectors: readonly Float32Array[]): Map<string, NdArray> =>
  new Map(
    program.variables.map(({ name, shape, vector, offset }) => [
      name,
      ndarray(vectors[vector]!.slice(offset, offset + sizeOf(shape)), shape),
    ]),
  );

/** The keys of the noise of a step, as a tensor [streams, samples, 2]. */
export function keysOf(
  { streams }: Program,
  { key, step, firstSample, samples }: { key: Key; step: number; firstSample: number; samples: number },
): tf.Tensor {
  const keys = noiseKeys(key, step, { streams, samples, firstSample });
  return tf.tensor3d(keys, [streams, samples, 2], 'int32');
}

/** A batch that is all there is of the step. */
export const wholeBatch = (x: tf.Tensor, y: tf.Tensor, keys: tf.Tensor): Batch => ({
  x,
  y,
  keys,
  numbers: tf.range(0, keys.shape[1]!, 1, 'int32'),
  first: tf.scalar(0, 'int32'),
  step: tf.scalar(1),
  size: x.shape[0],
});
