import * as tf from '@tensorflow/tfjs';
import type { Layer } from './layer';
import { type PoolOptions, poolLayer } from './pooling';
import { onImages } from './sampleChannels';

/**
 * The mean of each window and channel, [H, W, C] -> [H', W', C]. With padding 'same', what lies outside of the image is left out of
 * the mean.
 * @throws CredenceError E_OPTION; when built, E_SHAPE if the input is no image, or no window fits
 */
export const averagePool = (given: PoolOptions): Layer =>
  poolLayer('averagePool', given, tf.avgPool, onImages);
