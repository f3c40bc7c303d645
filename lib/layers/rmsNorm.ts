import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { fuse } from '../engine/compile/fuse';
import { validate } from '../validate';
import type { Layer } from './layer';
import { featuresOf, normEntries, type NormOptions, perFeature } from './norms';
import { printed } from './printed';

const options = v.strictObject(normEntries);

/**
 * Root mean square normalisation (Zhang and Sennrich 2019) over the last axis, x / sqrt(mean(x^2) + epsilon), scaled by learned values,
 * which have no distribution over them: a layer norm without centring.
 * @throws CredenceError E_OPTION; when built, E_SHAPE if there is no axis
 */
export function rmsNorm(given: NormOptions = {}): Layer {
  const { epsilon } = validate(options, given, 'layers.rmsNorm');
  const normalize = fuse((x: tf.Tensor) =>
    tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), epsilon))),
  );
  return printed('rmsNorm', [given], {
    name: 'rmsNorm',
    build(inputShape) {
      const size = featuresOf(inputShape, 'layers.rmsNorm');
      return {
        parameters: [perFeature('scale', size, 1)],
        outputShape: inputShape,
        apply(draw, x) {
          const rows = tf.reshape(x, [x.shape[0], x.size / x.shape[0] / size, size]);
          const y = tf.mul(normalize(rows), tf.expandDims(draw.value('scale'), 1));
          return tf.reshape(y, [y.shape[0], ...x.shape.slice(1)]);
        },
      };
    },
  });
}
