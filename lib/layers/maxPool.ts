import * as tf from '@tensorflow/tfjs';
import { beforeActivation } from './activation';
import type { Layer } from './layer';
import { type PoolOptions, poolLayer } from './pooling';

/**
 * The largest value of each window and channel of sequences [L, C], images [H, W, C] -> [H', W', C] or volumes [D, H, W, C]. An
 * increasing activation (ReLU) before it is applied after it, which is the same on fewer numbers. Where several places of a window hold
 * the maximum, one of them gets the gradient.
 * @throws CredenceError E_OPTION; when built, E_SHAPE if the input has other axes, or no window fits
 */
export const maxPool = (given: PoolOptions): Layer =>
  poolLayer('maxPool', given, tf.maxPool, (pool, x) => {
    const origin = beforeActivation(x);
    return origin ? origin.activate(pool(origin.x)) : pool(x);
  });
