import * as tf from '@tensorflow/tfjs';
import { sizeOf } from '../ndarray';
import type { Layer } from './layer';
import { printed } from './printed';

/** Makes each input one row: [..., H, W, C] -> [..., H * W * C]. */
export function flatten(): Layer {
  return printed('flatten', [], {
    name: 'flatten',
    build(inputShape) {
      const size = sizeOf(inputShape);
      return {
        parameters: [],
        outputShape: [size],
        apply: (_, x) => tf.reshape(x, [x.shape[0], x.shape[1]!, size]),
      };
    },
  });
}
