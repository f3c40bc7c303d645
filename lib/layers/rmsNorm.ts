import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { fuse } from '../engine/compile/fuse';
import { CredenceError } from '../errors';
import { positive, validate } from '../validate';
import type { Layer } from './layer';
import { printed } from './printed';

/** Options of `layers.rmsNorm`. */
export interface RmsNormOptions {
  /** Added to the mean square. Default 1e-5. */
  epsilon?: number;
}

const options = v.strictObject({ epsilon: v.optional(positive(), 1e-5) });

/**
 * Root mean square normalisation (Zhang and Sennrich 2019) over the last axis, x / sqrt(mean(x^2) + epsilon), scaled by learned values,
 * which have no distribution over them: a layer norm without centring.
 * @throws CredenceError E_OPTION; when built, E_SHAPE if there is no axis
 */
export function rmsNorm(given: RmsNormOptions = {}): Layer {
  const { epsilon } = validate(options, given, 'layers.rmsNorm');
  const normalize = fuse((x: tf.Tensor) =>
    tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), epsilon))),
  );
  return printed('rmsNorm', [given], {
    name: 'rmsNorm',
    build(inputShape) {
      const size = inputShape.at(-1);
      if (size === undefined) {
        throw new CredenceError(
          'E_SHAPE',
          'layers.rmsNorm needs inputs of shape [..., features], got single numbers',
        );
      }
      return {
        parameters: [{ name: 'scale', shape: [size], bayesian: false, fanIn: size, initial: 1 }],
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
