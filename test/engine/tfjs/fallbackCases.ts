/**
 * What a model, its gradients and an optimiser compute, on fixed numbers. Run in a process of its own for each backend:
 * `evaluate` gives the results as plain numbers to compare.
 */
import * as tf from '@tensorflow/tfjs';
import { backend } from '../../../lib/engine/tfjs/backend';
import { gatherRows } from '../../../lib/engine/compile/gather';
import { jit } from '../../../lib/engine/compile/jit';
import { standardNormals } from '../../../lib/inference/families/sampling';
import { sizeOf } from '../../../lib/ndarray';
import { foldIn, keyOf, normals } from '../../../lib/threefry';

type Function = (...xs: tf.Tensor[]) => tf.Tensor;
type Case = [name: string, shapes: number[][], f: Function];

const conv =
  (stride: number, pad: 'same' | 'valid'): Function =>
  (x, w) =>
    tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, pad);
const product =
  (transposeA = false, transposeB = false): Function =>
  (a, b) =>
    tf.matMul(a, b, transposeA, transposeB);
const layerNorm: Function = (x, scale, offset) => {
  const { mean, variance } = tf.moments(x, -1, true);
  return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5))), scale), offset);
};
const adam: Function = (g, m, v) => {
  const first = tf.add(tf.mul(m, 0.9), tf.mul(g, 0.1));
  const second = tf.add(tf.mul(tf.square(v), 0.999), tf.mul(tf.square(g), 0.001));
  const corrected = tf.div(second, tf.sub(1, tf.pow(tf.scalar(0.999), tf.scalar(3))));
  return tf.div(first, tf.add(tf.sqrt(corrected), 1e-8));
};

/** Differentiable functions, and the shapes of their arguments. Products are large enough for the fast kernels, and small. */
const cases: Case[] = [
  ['product, shared left operand', [[1, 40, 30], [4, 30, 20]], product()], // prettier-ignore
  ['product, shared right operand', [[4, 40, 30], [1, 30, 20]], product()], // prettier-ignore
  ['product, transposed left', [[3, 30, 40], [3, 30, 20]], product(true)], // prettier-ignore
  ['product, transposed right', [[3, 40, 30], [3, 20, 30]], product(false, true)], // prettier-ignore
  ['product, both transposed', [[3, 30, 40], [3, 20, 30]], product(true, true)], // prettier-ignore
  ['product, two batch axes', [[2, 1, 30, 30], [1, 3, 30, 30]], product()], // prettier-ignore
  ['product of two matrices, transposed', [[40, 30], [50, 40]], product(true, true)], // prettier-ignore
  ['product, small, two batch axes', [[2, 1, 3, 4], [1, 3, 4, 2]], product()], // prettier-ignore
  ['product, small', [[3, 4, 5], [1, 5, 2]], product()], // prettier-ignore
  ['relu', [[3, 7]], (x) => tf.relu(x)],
  ['elu', [[3, 7]], (x) => tf.elu(x)],
  ['erf', [[3, 7]], (x) => tf.erf(x)],
  ['tanh', [[3, 7]], (x) => tf.tanh(x)],
  ['sigmoid', [[3, 7]], (x) => tf.sigmoid(x)],
  ['softplus', [[3, 7]], (x) => tf.softplus(x)],
  ['exp and log', [[3, 7]], (x) => tf.log(tf.add(tf.exp(x), 1))],
  ['softmax', [[2, 3, 5]], (x) => tf.softmax(x)],
  ['logSoftmax', [[2, 3, 5]], (x) => tf.logSoftmax(x)],
  ['logSumExp', [[2, 3, 5]], (x) => tf.logSumExp(x, 0)],
  ['layer norm', [[2, 3, 8], [8], [8]], layerNorm], // prettier-ignore
  ['adam', [[9], [9], [9]], adam], // prettier-ignore
  ['convolution, same', [[2, 7, 6, 3], [3, 3, 3, 4]], conv(1, 'same')], // prettier-ignore
  ['convolution, valid', [[2, 7, 6, 3], [3, 2, 3, 4]], conv(1, 'valid')], // prettier-ignore
  ['convolution, strides', [[2, 8, 7, 3], [3, 3, 3, 4]], conv(2, 'same')], // prettier-ignore
  ['depthwise convolution', [[2, 6, 6, 2], [3, 3, 2, 2]], (x, w) => tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same')], // prettier-ignore
  ['max pool', [[2, 6, 6, 3]], (x) => tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid')],
  ['average pool', [[2, 6, 6, 3]], (x) => tf.avgPool(x as tf.Tensor4D, 2, 2, 'valid')],
  [
    'max pool of negative values',
    [[2, 4, 4, 2]],
    (x) => tf.maxPool(tf.sub<tf.Tensor4D>(x, 9), 2, 2, 'valid'),
  ],
  ['max', [[3, 7]], (x) => tf.max(x, 1)],
  ['max of negative values', [[3, 7]], (x) => tf.max(tf.sub(x, 9), 1)],
  ['gather', [[5, 3]], (x) => tf.gather(x, tf.tensor1d([4, 0, 4], 'int32'))],
  ['split, concat and slice', [[4, 6]], (x) => { const [a, b] = tf.split(x, 2, 1); return tf.concat([b!, tf.slice(a!, [1, 0], [2, 3])], 0); }], // prettier-ignore
  ['split into one part', [[4, 6]], (x) => tf.square(tf.split(x, [6], 1)[0]!)],
  ['unstack into one part', [[1, 6]], (x) => tf.square(tf.unstack(x)[0]!)],
  ['pad, stack and transpose', [[2, 3]], (x) => tf.transpose(tf.stack([tf.pad(x, [[1, 0], [0, 2]]), tf.ones([3, 5])]), [2, 0, 1])], // prettier-ignore
  [
    'where and clip',
    [[3, 7]],
    (x) => tf.where(tf.greater(tf.range(0, 7), 3), tf.clipByValue(x, -1, 1), tf.mul(x, 3)),
  ],
  ['variance', [[3, 7]], (x) => tf.moments(x, 0).variance],
  ['attention', [[2, 2, 5, 4], [2, 2, 5, 4], [2, 2, 5, 4]], (q, k, v) => tf.matMul(tf.softmax(tf.matMul(q, k, false, true)), v)], // prettier-ignore
];

const values = (place: number, argument: number, shape: number[]): tf.Tensor =>
  tf.tensor(Float32Array.from(normals(foldIn(foldIn(keyOf(5), place), argument), sizeOf(shape))), shape);

/** The function's value and its gradients (against a fixed direction), one list of numbers each. */
function evaluateCase([name, shapes, f]: Case, place: number): [name: string, results: number[][]] {
  const results = tf.tidy(() => {
    const xs = shapes.map((shape, i) => values(place, i, shape));
    const direction = values(place, 9, f(...xs).shape);
    const all = (...xs: tf.Tensor[]): tf.Tensor[] => {
      const { value, grads } = tf.valueAndGrads((...xs: tf.Tensor[]) => tf.sum(tf.mul(f(...xs), direction)))(
        xs,
      );
      return [value, f(...xs), ...grads];
    };
    const compiled = jit(all)(...xs);
    return compiled.map((tensor) => Array.from(tensor.dataSync()));
  });
  return [name, results];
}

const keys = () => tf.tensor2d([3, -4, 5, 6, -7, 8], [3, 2], 'int32');

/** Without gradients. */
const plain: [name: string, f: () => tf.Tensor][] = [
  ['rows', () => gatherRows(tf.range(0, 12).reshape([4, 3]), tf.tensor1d([3, 0, 3, 1], 'int32'))],
  ['whole numbers', () => gatherRows(tf.tensor1d([7, 8, 9], 'int32'), tf.tensor1d([2, 0], 'int32'))],
  ['one-hot', () => tf.oneHot(tf.tensor1d([2, 0], 'int32'), 4)],
  [
    'einsum',
    () => tf.einsum('ij,jk->ik', tf.reshape(tf.range(0, 6), [2, 3]), tf.reshape(tf.range(0, 6), [3, 2])),
  ],
  ['normals', () => standardNormals(keys(), [5, 401], tf.scalar(2, 'int32'))],
];

/** All results by name, and how many tensors are left over. */
export interface Evaluated {
  backend: string;
  tensors: number;
  results: Record<string, number[][]>;
}

export function evaluate(): Evaluated {
  const name = backend();
  const before = tf.memory().numTensors;
  const results = Object.fromEntries(cases.map(evaluateCase));
  for (const [name, f] of plain) {
    const value = tf.tidy(() => jit(f)());
    results[name] = [Array.from(value.dataSync())];
    value.dispose();
  }
  return { backend: name, tensors: tf.memory().numTensors - before, results };
}

/** Milliseconds for the products of 8 pairs of matrices: as one batch, and one by one. */
export interface Speed {
  together: number;
  apart: number;
}

export function speed(): Speed {
  backend();
  const [left, right] = [values(0, 0, [8, 128, 256]), values(0, 1, [8, 256, 256])];
  const pairs = tf.unstack(left).map((matrix, i) => [matrix, tf.unstack(right)[i]!] as const);
  const best = (work: () => unknown): number =>
    Math.min(
      ...Array.from({ length: 7 }, () => {
        const start = performance.now();
        tf.tidy(() => void work());
        return performance.now() - start;
      }),
    );
  return {
    together: best(() => tf.matMul(left, right)),
    apart: best(() => pairs.forEach(([a, b]) => tf.matMul(a, b))),
  };
}
