/** Gradients of the outputs of single data by weights, and by the outputs of linear maps. */
import * as tf from '@tensorflow/tfjs';
import type { Network } from './network';
import type { Product } from './products';

/** Each row `times` times, one after the other: [B, ...] -> [B times, ...] */
function repeatRows(x: tf.Tensor, times: number): tf.Tensor {
  const [rows, ...shape] = x.shape as [number, ...number[]];
  const ones = shape.map(() => 1);
  return tf.reshape(tf.tile(tf.expandDims(x, 1), [1, times, ...ones]), [rows * times, ...shape]);
}

/**
 * d/dw of r_k' f(x_b, w), for K directions r_k in the outputs of each datum: [B K, P]. Each datum is a sample with weights of its own, so that
 * one backward pass keeps them apart, whatever the layers.
 * @param places of the weights among the parts of the network
 * @param x [B, ...]
 * @param directions [B, K, C]
 */
export function datumGradients(
  { outputs }: Network,
  parts: readonly tf.Tensor[],
  places: readonly number[],
  x: tf.Tensor,
  directions: tf.Tensor,
): tf.Tensor {
  const [data, count, width] = directions.shape as [number, number, number];
  const rows = data * count;
  const inputs = tf.expandDims(repeatRows(x, count), 1);
  const along = tf.reshape(directions, [rows, 1, width]);
  const project = (...own: tf.Tensor[]): tf.Scalar => {
    const all = [...parts];
    places.forEach((place, i) => (all[place] = own[i]!));
    return tf.sum(tf.mul(outputs(all, inputs), along));
  };
  const gradients = tf.grads(project)(places.map((place) => repeatRows(parts[place]!, rows)));
  return tf.concat(gradients, 1);
}

/** The same by the outputs of each product, [K, B, ..., O]. */
export function outputGradients(
  { outputs }: Network,
  parts: readonly tf.Tensor[],
  products: readonly Product[],
  x: tf.Tensor,
  directions: tf.Tensor,
): tf.Tensor[] {
  if (products.length === 0) return [];
  const [data, count] = directions.shape as [number, number, number];
  const inputs = tf.tile(tf.expandDims(x, 0), [count, ...x.shape.map(() => 1)]);
  const along = tf.transpose(directions, [1, 0, 2]);
  const project = (...probes: tf.Tensor[]): tf.Scalar => {
    const watch = {
      linear(name: string, _op: unknown, _x: tf.Tensor, output: tf.Tensor): tf.Tensor {
        const i = products.findIndex((product) => product.name === name);
        return i < 0 ? output : tf.add(output, probes[i]!);
      },
    };
    return tf.sum(tf.mul(outputs(parts, inputs, { watch }), along));
  };
  // a gradient by what is added to an output is one by the output
  return tf.grads(project)(
    products.map(({ output: [each, ...shape] }) => tf.zeros([count, each! * data, ...shape])),
  );
}
