import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { count, validate } from '../validate';
import { activate, type ActivationName, activationNames } from './activation';
import type { Layer, Parameter } from './layer';
import { printed } from './printed';

/** Options of `layers.dense`. */
export interface DenseOptions {
  /** Number of outputs. */
  units: number;
  /** Elementwise function of the outputs. Default 'linear'. */
  activation?: ActivationName;
  /** Learn a distribution over the weights (true) or one value for each (false). Default true. */
  bayesian?: boolean;
  /** Add a learned bias. Default true. */
  bias?: boolean;
}

const options = v.strictObject({
  units: count(1),
  activation: v.optional(v.picklist(activationNames), 'linear'),
  bayesian: v.optional(v.boolean(), true),
  bias: v.optional(v.boolean(), true),
});

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
  const { units, activation, bayesian, bias } = validate(options, given, 'layers.dense');
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
      const kernel: Parameter = {
        name: 'kernel',
        shape: [fanIn, units],
        bayesian,
        fanIn,
        initial: 'uniform',
      };
      return {
        parameters: bias ? [kernel, { ...kernel, name: 'bias', shape: [units] }] : [kernel],
        outputShape: [...inputShape.slice(0, -1), units],
        apply: (draw, x) =>
          activate(activation, draw.linear(multiply, x, 'kernel'), bias ? draw.value('bias') : undefined),
      };
    },
  });
}
