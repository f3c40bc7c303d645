import * as tf from '@tensorflow/tfjs';
import { type Augmentation, augmenter } from '../../lib/augmentations';
import { jit } from '../../lib/engine/compile/jit';
import { backend } from '../../lib/engine/tfjs/backend';
import { ndarray, type NdArray, type Shape, sizeOf } from '../../lib/ndarray';
import { augmentationUniforms, streamKey } from '../../lib/streams';

const KEY = streamKey(11, 'augmentation');

/** 1, 2, 3, ...: every value is found again by itself, and none is zero. */
export const counted = (shape: Shape): NdArray =>
  ndarray(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => i + 1),
    shape,
  );

/** Where in training some data are: step, group of samples, place in the batch. */
interface Place {
  step?: number;
  group?: number;
  first?: number;
}

/** Data [B, ...] as a compiled step augments them. */
export function augment(
  list: readonly Augmentation[],
  x: NdArray,
  { step = 0, group = 0, first = 0 }: Place = {},
): Float32Array {
  backend();
  const [count, ...shape] = x.shape as [number, ...number[]];
  const { uniforms, apply } = augmenter(list, shape);
  const numbers = augmentationUniforms(KEY, step, group, { uniforms, first, count });
  return jit(apply)(
    tf.tensor(x, [...x.shape]),
    tf.tensor2d(numbers, [count, uniforms]),
  ).dataSync<'float32'>();
}
