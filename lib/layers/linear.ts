/** What dense layers and convolutions share: a linear map, a bias and an activation. */
import type * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import type { Shape } from '../ndarray';
import { activate, type ActivationName, activationNames } from './activation';
import type { BuiltLayer, Parameter } from './layer';

export interface LinearOptions {
  /** Elementwise function of the outputs. Default 'linear'. */
  activation?: ActivationName;
  /** Learn a distribution over the weights (true) or one value for each (false). Default true. */
  bayesian?: boolean;
  /** Add a learned bias to each unit, or channel of the output. Default true. */
  bias?: boolean;
}

export const linearEntries = {
  activation: v.optional(v.picklist(activationNames), 'linear'),
  bayesian: v.optional(v.boolean(), true),
  bias: v.optional(v.boolean(), true),
};

/**
 * activation(op(x, kernel) + bias)
 * @param op x [S or 1, B, ...], kernel [S or 1, ...] -> [S or 1, B, ...outputShape], whose last axis has the units
 */
export function linear(
  op: (x: tf.Tensor, kernel: tf.Tensor) => tf.Tensor,
  { shape, fanIn }: Pick<Parameter, 'shape' | 'fanIn'>,
  outputShape: Shape,
  { activation, bayesian, bias }: Required<LinearOptions>,
): BuiltLayer {
  const kernel: Parameter = { name: 'kernel', shape, bayesian, fanIn, initial: 'uniform' };
  const ofUnits = outputShape.slice(-1);
  return {
    parameters: bias ? [kernel, { ...kernel, name: 'bias', shape: ofUnits }] : [kernel],
    outputShape,
    apply: (draw, x) =>
      activate(activation, draw.linear(op, x, 'kernel'), bias ? draw.value('bias') : undefined),
  };
}
