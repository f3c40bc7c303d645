import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { validate } from '../validate';
import type { Layer } from './layer';
import { featuresOf, normEntries, type NormOptions, perFeature } from './norms';
import { printed } from './printed';
import { channelMeans, withChannels } from './sampleChannels';

/** Options of `layers.batchNorm`. */
export interface BatchNormOptions extends NormOptions {
  /**
   * How much of themselves the averages that predictions go by keep in each step, as in Keras; PyTorch's `momentum` is 1 less this. Default
   * 0.9, PyTorch's; Keras has 0.99, which takes some hundreds of steps to forget where it began.
   */
  momentum?: number;
  /** Multiply with a learned number for each channel. Default true. */
  scale?: boolean;
  /** Add a learned number to each channel. Default true. */
  center?: boolean;
}

const momentumRule = 'must be a number from 0 to below 1';
const options = v.strictObject({
  momentum: v.optional(
    v.pipe(v.number(momentumRule), v.minValue(0, momentumRule), v.ltValue(1, momentumRule)),
    0.9,
  ),
  ...normEntries,
  scale: v.optional(v.boolean(), true),
  center: v.optional(v.boolean(), true),
});

/**
 * Batch normalisation (Ioffe and Szegedy 2015) of inputs [..., C]: each channel standardised over the batch and all places, for each weight
 * sample by itself, then scaled and shifted by learned values, which have no distribution over them. Predictions go by running averages of
 * the means and variances (with Bessel's correction) of the batches, which are neither learned nor drawn: one for all samples, or for each
 * member of an ensemble and each chain. A datum's output depends on the others of its batch in training, so workers can share out the
 * samples but not the data; `groupNorm` and `layerNorm` have no such strings.
 * @throws CredenceError E_OPTION; when built, E_SHAPE if there are no channels; when trained, if there is one number of each in a batch
 */
export function batchNorm(given: BatchNormOptions = {}): Layer {
  const { momentum, epsilon, scale, center } = validate(options, given, 'layers.batchNorm');
  return printed('batchNorm', [given], {
    name: 'batchNorm',
    build(inputShape) {
      const channels = featuresOf(inputShape, 'layers.batchNorm');
      return {
        parameters: [
          ...(scale ? [perFeature('scale', channels, 1)] : []),
          ...(center ? [perFeature('offset', channels, 0)] : []),
          { ...perFeature('movingMean', channels, 0), isMoving: true },
          { ...perFeature('movingVariance', channels, 1), isMoving: true },
        ],
        outputShape: inputShape,
        apply(draw, x) {
          const count = x.size / x.shape[0] / channels;
          const mean = draw.moving('movingMean', {
            momentum,
            factor: 1,
            ofBatch() {
              if (count > 1) return channelMeans(x);
              throw new CredenceError(
                'E_SHAPE',
                'layers.batchNorm needs at least 2 numbers of each channel in a batch, got 1: make batchSize larger',
              );
            },
          });
          const centred = withChannels(tf.sub, x, mean);
          const variance = draw.moving('movingVariance', {
            momentum,
            factor: count / (count - 1),
            ofBatch: () => channelMeans(withChannels(tf.square, centred)),
          });
          const deviation = tf.rsqrt(tf.add(variance, epsilon));
          const factor = scale ? tf.mul(draw.value('scale'), deviation) : deviation;
          const y = withChannels(tf.mul, centred, factor);
          return center ? withChannels(tf.add, y, draw.value('offset')) : y;
        },
      };
    },
  });
}
