import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { count, validate } from '../validate';
import type { Layer } from './layer';
import { linear, linearEntries, type LinearOptions } from './linear';
import { printed } from './printed';

/** Options of `layers.dense`. */
export interface DenseOptions extends LinearOptions {
  /** Number of outputs. */
  units: number;
}

const options = v.strictObject({ units: count(1), ...linearEntries });

/** x [S or 1, ..., I] times W [S or 1, I, O] -> [S or 1, ..., O], sample by sample. */
function multiply(x: tf.Tensor, w: tf.Tensor): tf.Tensor {
  const [samples, features] = [x.shape[0], x.shape.at(-1)!];
  const product = tf.matMul(tf.reshape(x, [samples, x.size / samples / features, features]), w);
  return tf.reshape(product, [product.shape[0], ...x.shape.slice(1, -1), w.shape[2]!]);
}

/**
 * A fully connected layer, applied to the last axis: activation(x W + b), x [..., I], W [I, units], b [units]. Images and sequences
 * get the same weights at each place; `layers.flatten()` before it gives each place its own.
 */
export function dense(given: DenseOptions): Layer {
  const { units, ...settings } = validate(options, given, 'layers.dense');
  return printed('dense', [given], {
    name: 'dense',
    build(inputShape) {
      const fanIn = inputShape.at(-1);
      if (fanIn === undefined) {
        throw new CredenceError(
          'E_SHAPE',
          'layers.dense needs inputs of shape [..., features], got single numbers: give data of shape [N, 1]',
        );
      }
      const outputShape = [...inputShape.slice(0, -1), units];
      return linear(multiply, { shape: [fanIn, units], fanIn }, outputShape, settings);
    },
  });
}
