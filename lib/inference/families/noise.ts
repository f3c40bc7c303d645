/** The noise that layers declare, and the keys that all noise is drawn by. */
import * as tf from '@tensorflow/tfjs';
import type { Draw, Noise } from '../../layers/layer';
import type { Use } from './family';
import type { Batch } from '../method';
import { standardNormals } from './sampling';

/** The keys of one tensor of noise, [S, 2]. */
export function keysOf(keys: tf.Tensor, stream: number): tf.Tensor {
  const samples = keys.shape[1]!;
  return tf.reshape(tf.slice(keys, [stream, 0, 0], [1, samples, 2]), [samples, 2]);
}

/**
 * Draws the noise of layers by their full names. In predictions it is the same for all data, and off where it is not always on.
 * @param stream that of the first of them
 */
export function noiseBy(
  noise: readonly Noise[],
  stream: number,
  { keys, first }: Pick<Batch, 'keys' | 'first'>,
  use: Use,
): Draw['noise'] {
  const isPrediction = use === 'prediction';
  return (name, [batch, ...shape]) => {
    const index = noise.findIndex((each) => each.name === name);
    if (index < 0) throw new Error(`${name} is no noise that a layer declares`);
    if (isPrediction && !noise[index]!.always) return undefined;
    return standardNormals(keysOf(keys, stream + index), [isPrediction ? 1 : batch!, ...shape], first);
  };
}
