/** The linear maps of a network that are products of matrices, as dense layers and convolutions are. */
import * as tf from '@tensorflow/tfjs';
import { type Shape, sizeOf } from '../../ndarray';
import type { LinearMap, Network } from './network';

/** A product of inputs and a kernel, taken as a matrix [I, O], with the bias that is added to it. */
export interface Product {
  /** Of the kernel. */
  name: string;
  /** Of the kernel, [..., O]. */
  shape: Shape;
  /** The place of the kernel among the parts of the network, then that of the bias, if there is one. */
  places: readonly [kernel: number, bias?: number];
  /** Shape of its outputs for one datum, without the sample axis: [1, ..., O], or more where a layer cuts a datum into several. */
  output: Shape;
}

/**
 * The rows [R, I] that a linear map multiplies with its kernel [..., O], taken as a matrix [I, O]: the inputs of a dense layer, or what the
 * filters of a convolution see. They are what the map gives for the unit matrix.
 * @param x [1, B, ...]
 */
export function rowsOf(op: LinearMap, x: tf.Tensor, shape: Shape): tf.Tensor {
  const inputs = shape.slice(0, -1);
  const width = sizeOf(inputs);
  return tf.reshape(op(x, tf.reshape(tf.eye(width), [1, ...inputs, width])), [-1, width]);
}

/**
 * Whether each column of the kernel makes an output, all in the same way: then the map multiplies rows by the kernel. Transposed and grouped
 * convolutions do not.
 */
function isProduct(op: LinearMap, x: tf.Tensor, shape: Shape): boolean {
  if (shape.length < 2 || x.shape.at(-1) !== shape.at(-2)) return false;
  return tf.tidy(() => {
    try {
      // any numbers that are no multiples of each other
      const generic = (shape: Shape): tf.Tensor =>
        tf.reshape(tf.sin(tf.range(1, sizeOf(shape) + 1)), [...shape]);
      const [input, two] = [generic(x.shape), generic([1, ...shape.slice(0, -1), 2])];
      const [, second] = tf.split(two, 2, -1);
      const [both, alone] = [op(input, two), op(input, second!)];
      const distance = tf.max(tf.abs(tf.sub(tf.split(both, 2, -1)[1]!, alone)));
      return distance.dataSync()[0]! <= 1e-3 * tf.max(tf.abs(alone)).dataSync()[0]!;
    } catch {
      return false; // it takes no such kernels
    }
  });
}

/** What a name is in: '1.dense.' of '1.dense.kernel'. */
export const folderOf = (name: string): string => name.slice(0, name.lastIndexOf('.') + 1);

/** The kernels that are used by one product and in no other way. */
export function productsOf({ weights, zeros, outputs }: Network, inputShape: Shape): Product[] {
  const products = new Map<string, Product>();
  const others = new Set<string>();
  const placeOf = (name: string): number => weights.findIndex((weight) => weight.name === name);
  const watch = {
    value: (name: string): void => void others.add(name),
    linear(name: string, op: LinearMap, x: tf.Tensor, output: tf.Tensor): tf.Tensor {
      const place = placeOf(name);
      if (place < 0) return output;
      const { shape } = weights[place]!;
      if (products.has(name) || !isProduct(op, x, shape)) others.add(name);
      const bias = placeOf(`${folderOf(name)}bias`);
      const hasBias = weights[bias]?.shape.join() === `${shape.at(-1)}`;
      products.set(name, {
        name,
        shape,
        places: hasBias ? [place, bias] : [place],
        output: output.shape.slice(1),
      });
      return output;
    },
  };
  tf.tidy(() => void outputs(zeros(), tf.zeros([1, 1, ...inputShape]), { watch }));
  return [...products.values()].filter(({ name }) => !others.has(name));
}
