import * as tf from '@tensorflow/tfjs';
import { CredenceError } from '../errors';
import { printed } from './printed';
import type { Layer } from './layer';
import { onImages } from './sampleChannels';

/**
 * The mean over all places of an image or volume or all tokens of a sequence: [H, W, C] or [T, C] -> [C].
 * @throws CredenceError E_SHAPE, when built, if the input has no such axes
 */
export function globalAveragePool(): Layer {
  return printed('globalAveragePool', [], {
    name: 'globalAveragePool',
    build(inputShape) {
      if (inputShape.length < 2) {
        throw new CredenceError(
          'E_SHAPE',
          `layers.globalAveragePool needs inputs of shape [..., channels] with something to average over, got [${inputShape.join(', ')}]`,
        );
      }
      const channels = inputShape.at(-1)!;
      return {
        parameters: [],
        outputShape: [channels],
        apply(_, x) {
          const axes = inputShape.slice(1).map((_, i) => i + 1);
          const means = onImages((images) => tf.mean(images, axes, true), x);
          return tf.reshape(means, [x.shape[0], x.shape[1]!, channels]);
        },
      };
    },
  });
}
