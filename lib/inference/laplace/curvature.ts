/** The curvature of the loss at the mode: sums over all data, in double precision. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs';
import type { FisherRoot } from '../../distributions/fisherRoot';
import type { Likelihood } from '../../distributions/likelihood';
import { jit } from '../../engine/compile/jit';
import type { TensorFunction } from '../../engine/compile/trace';
import { dtypeOf, sizeOf } from '../../ndarray';
import type { TrainingData } from '../method';
import { datumGradients, outputGradients } from './jacobian';
import type { Block } from './layout';
import type { LinearMap, Network } from './network';
import { type Product, rowsOf } from './products';

/** Rows (data times outputs) that one call computes gradients for, and the numbers it may keep of them. */
const ROWS_PER_CALL = 512;
const NUMBERS_PER_CALL = 2 ** 23;

export interface Curvature {
  /** -log p(y | x) of all data. */
  nll: number;
  /**
   * Of each block: the diagonal; or the matrix; or the two factors sum a a' and sum g g' over rows of inputs a and gradients g of the
   * outputs of a linear map.
   */
  sums: readonly (readonly Float64Array[])[];
}

/** X' X */
const gram = (x: tf.Tensor): tf.Tensor => tf.matMul(x, x, true);

/** What the network gives for x, and the rows of inputs of products, [R, I], with a 1 for the bias. */
function inputsOf(network: Network, parts: readonly tf.Tensor[], x: tf.Tensor, products: readonly Product[]) {
  const found = new Map<string, tf.Tensor>();
  const watch = {
    linear(name: string, op: LinearMap, x: tf.Tensor, output: tf.Tensor): tf.Tensor {
      const product = products.find((each) => each.name === name);
      if (!product) return output;
      const rows = rowsOf(op, x, product.shape);
      const hasBias = product.places.length > 1;
      found.set(name, hasBias ? tf.concat([rows, tf.ones([rows.shape[0], 1])], 1) : rows);
      return output;
    },
  };
  const outputs = network.outputs(parts, tf.expandDims(x, 0), { watch });
  return { outputs, inputs: products.map(({ name }) => found.get(name)!) };
}

/** (...vectors, x, y) -> nll, then the sums of each block, for some data. */
const sumsOver =
  (network: Network, likelihood: Likelihood, root: FisherRoot, blocks: readonly Block[]): TensorFunction =>
  (...given) => {
    const [x, y] = given.slice(-2) as [tf.Tensor, tf.Tensor];
    const parts = network.cut(given.slice(0, -2));
    const products = blocks.flatMap(({ product }) => product ?? []);
    const { outputs, inputs } = inputsOf(network, parts, x, products);
    const parameters = network.parameters(parts);
    const directions = root(outputs, parameters);
    const gradients = outputGradients(network, parts, products, x, directions);
    const sums = blocks.flatMap(({ places, sides, product }) => {
      if (!product) {
        const all = datumGradients(network, parts, places, x, directions);
        return sides.length === 0 ? tf.sum(tf.square(all), 0) : gram(all);
      }
      const i = products.indexOf(product);
      const [a, g] = [inputs[i]!, gradients[i]!];
      if (sides.length === 2) return [gram(a), gram(tf.reshape(g, [-1, sides[1]!]))];
      // one row for each datum: the gradient is a g', its square that of each
      const squares = tf.sum(tf.square(g), 0);
      return tf.matMul(tf.square(a), tf.reshape(squares, [a.shape[0], -1]), true);
    });
    return [tf.sum(likelihood.nll(outputs, y, parameters)), ...sums];
  };

/** So many data at a time fit. */
function dataPerCall(blocks: readonly Block[], outputs: number): number {
  const numbers = blocks.map(({ product, size }) => (product ? 0 : size));
  const rows = Math.min(ROWS_PER_CALL, NUMBERS_PER_CALL / Math.max(1, ...numbers));
  return Math.max(1, Math.floor(rows / outputs));
}

/**
 * The generalised Gauss-Newton matrix of the loss at the mode, or the parts of it that the blocks keep.
 * @param outputs of the network for one datum
 */
export async function curvatureOf(
  network: Network,
  { likelihood, root, outputs }: { likelihood: Likelihood; root: FisherRoot; outputs: number },
  blocks: readonly Block[],
  mode: readonly Float32Array[],
  { x, y, yShape }: TrainingData,
): Promise<Curvature> {
  // it runs a few times: XLA would take longer to compile than it saves
  const compute = jit(sumsOver(network, likelihood, root, blocks), { xla: 'never' });
  const [rows, ...inputShape] = x.shape as [number, ...number[]];
  const targetShape = yShape.slice(1);
  const [width, targets] = [sizeOf(inputShape), sizeOf(targetShape)];
  const type = dtypeOf(y);
  const step = dataPerCall(blocks, outputs);
  const totals: Float64Array[] = [];
  for (let from = 0; from < rows; from += step) {
    const count = Math.min(step, rows - from);
    tf.tidy(() => {
      const input = tf.tensor(x.subarray(from * width, (from + count) * width), [count, ...inputShape]);
      const target = y.subarray(from * targets, (from + count) * targets);
      const vectors = mode.map((values) => tf.tensor1d(values));
      const parts = [compute(...vectors, input, tf.tensor(target, [count, ...targetShape], type))].flat();
      parts.forEach((part, i) => {
        const values = part.dataSync();
        const total = (totals[i] ??= new Float64Array(values.length));
        for (let j = 0; j < total.length; j++) total[j]! += values[j]!;
      });
    });
    await nextTurn(); // a notebook stays responsive
  }
  let next = 1;
  const sums = blocks.map(({ sides }) => totals.slice(next, (next += sides.length === 2 ? 2 : 1)));
  return { nll: totals[0]![0]!, sums };
}
