import * as tf from '@tensorflow/tfjs';
import type { Layer } from './layer';
import { maxPool } from './maxPool';
import { printed } from './printed';
import { placesOf } from './windows';

/**
 * The largest value of each channel of sequences [L, C], images [H, W, C] or volumes [D, H, W, C] -> [C].
 * @throws CredenceError E_SHAPE, when built, if the input has other axes
 */
export const globalMaxPool = (): Layer =>
  printed('globalMaxPool', [], {
    name: 'globalMaxPool',
    build(inputShape) {
      const { places, channels } = placesOf(inputShape, [2, 1, 3], 'layers.globalMaxPool');
      const { apply } = maxPool({ poolSize: places }).build(inputShape);
      return {
        parameters: [],
        outputShape: [channels],
        apply: (draw, x) => tf.reshape(apply(draw, x), [x.shape[0], x.shape[1]!, channels]),
      };
    },
  });
