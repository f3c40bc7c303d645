import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { validate } from '../validate';
import type { Layer } from './layer';

/** GELU by the error function (Hendrycks and Gimpel 2016). */
const gelu = (x: tf.Tensor): tf.Tensor => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));

const functions = {
  linear: (x: tf.Tensor): tf.Tensor => x,
  relu: (x: tf.Tensor): tf.Tensor => tf.relu(x),
  elu: (x: tf.Tensor): tf.Tensor => tf.elu(x),
  gelu,
  tanh: (x: tf.Tensor): tf.Tensor => tf.tanh(x),
  sigmoid: (x: tf.Tensor): tf.Tensor => tf.sigmoid(x),
  softplus: (x: tf.Tensor): tf.Tensor => tf.softplus(x),
};

export type ActivationName = keyof typeof functions;
export const activationNames = Object.keys(functions) as ActivationName[];

/** The elementwise function of that name. */
export const activate = (name: ActivationName, x: tf.Tensor): tf.Tensor => functions[name](x);

/** Applies an elementwise function. */
export function activation(name: ActivationName): Layer {
  validate(v.picklist(activationNames), name, 'layers.activation');
  return {
    name,
    build: (inputShape) => ({ parameters: [], outputShape: inputShape, apply: (_, x) => activate(name, x) }),
  };
}
