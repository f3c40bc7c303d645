import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { count, validate } from '../validate';
import type { Layer } from './layer';
import { normEntries, type NormOptions, perFeature } from './norms';
import { printed } from './printed';
import { onImages, withChannels } from './sampleChannels';

/** Options of `layers.groupNorm`. */
export interface GroupNormOptions extends NormOptions {
  /** Into how many groups the channels are split. 1 is one norm of all; as many as channels, instance normalisation. */
  groups: number;
}

const options = v.strictObject({ groups: count(1), ...normEntries });

/** (x - mean) / sqrt(variance + epsilon) over all places, and `size` channels, of images [N, ...places, C]. */
function standardizeGroups(images: tf.Tensor, size: number, epsilon: number): tf.Tensor {
  const [count, channels] = [images.shape[0], images.shape.at(-1)!];
  const rows = tf.reshape(images, [count, images.size / count / channels, channels]);
  /** [N, places, C] -> [N, 1, C]: for each channel the mean of its group. */
  const meanOf = (x: tf.Tensor): tf.Tensor => {
    const groups = tf.reshape(tf.mean(x, 1), [count, channels / size, size]);
    return tf.reshape(tf.tile(tf.mean(groups, 2, true), [1, 1, size]), [count, 1, channels]);
  };
  const centred = tf.sub(rows, meanOf(rows));
  const variance = meanOf(tf.square(centred));
  return tf.reshape(tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))), images.shape);
}

const affine = (x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor): tf.Tensor =>
  tf.add(tf.mul(x, scale), offset);

/**
 * Group normalisation (Wu and He 2018) of inputs [..., C]: standardised over all places and the channels of a group, then scaled and
 * shifted by learned values for each channel, which have no distribution over them. Unlike batch normalisation, it makes of a datum the
 * same whatever the others are: in training and in predictions, and on any number of workers.
 * @throws CredenceError E_OPTION; when built, E_SHAPE if there are no channels, or the groups do not divide them
 */
export function groupNorm(given: GroupNormOptions): Layer {
  const { groups, epsilon } = validate(options, given, 'layers.groupNorm');
  return printed('groupNorm', [given], {
    name: 'groupNorm',
    build(inputShape) {
      const channels = inputShape.at(-1);
      if (channels === undefined || channels % groups !== 0) {
        throw new CredenceError(
          'E_SHAPE',
          `layers.groupNorm cannot split the ${channels ?? 'no'} channels of inputs of shape [${inputShape.join(', ')}] into ${groups} groups: option 'groups' must divide them`,
        );
      }
      return {
        parameters: [perFeature('scale', channels, 1), perFeature('offset', channels, 0)],
        outputShape: inputShape,
        apply(draw, x) {
          const y = onImages((images) => standardizeGroups(images, channels / groups, epsilon), x);
          return withChannels(affine, y, draw.value('scale'), draw.value('offset'));
        },
      };
    },
  });
}
