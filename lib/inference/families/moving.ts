/** Averages that follow statistics of the batches of training. */
import * as tf from '@tensorflow/tfjs';
import type { Draw, Statistic } from '../../layers/layer';
import type { Drawn, Use } from './family';

type Samples = Pick<Drawn, 'keys' | 'samples'>;

/**
 * The statistic as it is, but that its average, [S or 1, ...], has as gradient this call's share of what it is to lose: gradients are what
 * calls and workers add up anyway.
 */
function followed(
  average: tf.Tensor,
  { ofBatch, momentum, factor }: Statistic,
  { keys, samples }: Samples,
  members: number,
): tf.Tensor {
  const count = keys.shape[1]!;
  const follow = tf.customGrad((...args) => {
    const [statistic, average, save] = args as unknown as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    save([statistic, average]);
    const gradFunc = (gradient: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const away = tf.sub(saved[1]!, tf.mul(saved[0]!, factor));
      const share = ((1 - momentum) * members) / samples;
      const own = average.shape[0] === 1 ? tf.mul(tf.sum(away, 0, true), count / away.shape[0]) : away;
      return [gradient, tf.mul(own, share)];
    };
    return { value: tf.clone(statistic), gradFunc };
  });
  return follow(ofBatch(), average);
}

/**
 * @param value of the parameters
 * @param members that have averages of their own, and follow what their own samples see
 */
export const movingBy =
  (value: Draw['value'], batch: Samples, use: Use, members = 1): Draw['moving'] =>
  (name, statistic) =>
    use === 'prediction' ? value(name) : followed(value(name), statistic, batch, members);
