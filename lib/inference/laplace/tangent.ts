/** The tangent to a network at the mode: what small changes of the weights do to its outputs. */
import * as tf from '@tensorflow/tfjs';
import { CredenceError } from '../../errors';
import { sizeOf } from '../../ndarray';
import { datumGradients, outputGradients } from './jacobian';
import type { LinearMap, Network } from './network';
import type { Product } from './products';

/** Derivatives that are kept of as many data as are predicted at a time: 1 GB. */
const MOST_NUMBERS = 2 ** 28;
const DATA_PER_CALL = 512;

/** x [B, ...], changes [S, size] of the weights in some places -> changes of the outputs, [S, B, C] */
export type Tangent = (parts: readonly tf.Tensor[], x: tf.Tensor, changes: readonly tf.Tensor[]) => tf.Tensor;

/** What changes of the weights of a product do to its outputs, [S, B, ..., O]. */
function changeOf(
  { shape }: Product,
  op: LinearMap,
  x: tf.Tensor,
  [kernel, bias]: readonly tf.Tensor[],
): tf.Tensor {
  const change = op(x, tf.reshape(kernel!, [-1, ...shape]));
  if (!bias) return change;
  const ones = change.shape.slice(1, -1).map(() => 1);
  return tf.add(change, tf.reshape(bias, [-1, ...ones, shape.at(-1)!]));
}

/**
 * @param places of the weights that change
 * @param outputs of the network for one datum
 * @throws CredenceError E_OPTION if that would take too much memory
 */
export function tangentOf(
  network: Network,
  products: readonly Product[],
  places: readonly number[],
  outputs: number,
): Tangent {
  const { weights } = network;
  const total = (some: readonly number[]): number =>
    some.reduce((sum, place) => sum + sizeOf(weights[place]!.shape), 0);
  const ofProduct = ({ places }: Product): number[] => places.filter((place) => place !== undefined);
  // a linear map passes changes of its weights on to its outputs: where these are fewer, they are what derivatives are taken by
  const through = products.filter(
    (product) =>
      places.includes(product.places[0]) &&
      product.output[0] === 1 &&
      sizeOf(product.output) < total(ofProduct(product)),
  );
  const direct = places.filter((place) => !through.some((product) => ofProduct(product).includes(place)));
  const each = through.reduce((sum, { output }) => sum + sizeOf(output), total(direct));
  if (each * outputs * DATA_PER_CALL > MOST_NUMBERS) {
    throw new CredenceError(
      'E_OPTION',
      `laplace: predictive 'linearised' would take ${each} derivatives of each of ${outputs} outputs, and takes at most ${Math.floor(MOST_NUMBERS / DATA_PER_CALL / outputs)}: use over: 'last', or predictive: 'samples'`,
    );
  }
  return (parts, x, changes) => {
    const data = x.shape[0];
    const change = (place: number): tf.Tensor => changes[places.indexOf(place)]!;
    const units = tf.tile(tf.expandDims(tf.eye(outputs), 0), [data, 1, 1]);
    const moved = new Map<string, tf.Tensor>();
    const watch = {
      linear(name: string, op: LinearMap, x: tf.Tensor, output: tf.Tensor): tf.Tensor {
        const product = through.find((each) => each.name === name);
        if (product) moved.set(name, changeOf(product, op, x, ofProduct(product).map(change)));
        return output;
      },
    };
    network.outputs(parts, tf.expandDims(x, 0), { watch });
    const gradients = outputGradients(network, parts, through, x, units);
    const terms = through.map(({ name }, i) => {
      const [a, b] = [moved.get(name)!, gradients[i]!].map((all) =>
        tf.transpose(tf.reshape(all, [all.shape[0], data, -1]), [1, 0, 2]),
      );
      return tf.transpose(tf.matMul(a!, b!, false, true), [1, 0, 2]);
    });
    if (direct.length > 0) {
      const jacobian = datumGradients(network, parts, direct, x, units);
      const all = tf.matMul(tf.concat(direct.map(change), 1), jacobian, false, true);
      terms.push(tf.reshape(all, [-1, data, outputs]));
    }
    return tf.addN(terms);
  };
}
