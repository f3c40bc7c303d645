import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { count, validate } from '../validate';
import { activate, type ActivationName, activationNames } from './activation';
import type { Layer, Parameter } from './layer';

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

/** A fully connected layer: activation(x W + b), x [..., I], W [I, units], b [units]. */
export function dense(given: DenseOptions): Layer {
  const { units, activation, bayesian, bias } = validate(options, given, 'layers.dense');
  return {
    name: 'dense',
    build(inputShape) {
      const fanIn = inputShape[0];
      if (inputShape.length !== 1 || fanIn === undefined) {
        throw new CredenceError(
          'E_SHAPE',
          `layers.dense needs inputs of shape [features], got [${inputShape.join(', ')}]: put layers.flatten() before it`,
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
        outputShape: [units],
        apply(draw, x) {
          const product = draw.linear((input, w) => tf.matMul(input, w), x, 'kernel');
          return activate(activation, bias ? tf.add(product, tf.expandDims(draw.value('bias'), 1)) : product);
        },
      };
    },
  };
}
