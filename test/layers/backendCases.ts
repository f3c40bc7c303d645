/** What layers and their gradients are on fixed numbers. Run in a process of its own for each backend. */
import { inspect } from 'node:util';
import type * as tf from '@tensorflow/tfjs';
import { backend } from '../../lib/engine/tfjs/backend';
import {
  averagePool,
  batchNorm,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  depthwiseConv2d,
  embedding,
  globalMaxPool,
  groupNorm,
  type Layer,
  maxPool,
  rmsNorm,
  separableConv2d,
} from '../../lib/layers';
import { applied, noise, outputAndGradients, parametersOf } from './evaluate';

const cases: [Layer, number[]][] = [
  [conv1d({ filters: 4, kernelSize: 3, strides: 2, dilation: 2, groups: 2, activation: 'tanh' }), [9, 4]],
  [conv2d({ filters: 4, kernelSize: [3, 2], strides: 2, groups: 2, padding: 1 }), [6, 5, 4]],
  [conv3d({ filters: 3, kernelSize: [3, 2, 3], strides: [2, 1, 2] }), [5, 4, 4, 2]],
  [depthwiseConv2d({ kernelSize: 3, multiplier: 2 }), [5, 4, 3]],
  [separableConv2d({ filters: 3, kernelSize: 3 }), [5, 4, 3]],
  [convTranspose1d({ filters: 3, kernelSize: 3, strides: 2 }), [5, 2]],
  [convTranspose2d({ filters: 3, kernelSize: 4, strides: [2, 3], padding: 1 }), [4, 3, 2]],
  [convTranspose3d({ filters: 2, kernelSize: 2, strides: 3 }), [2, 3, 2, 2]],
  [maxPool({ poolSize: [1, 2, 3], strides: [2, 1, 3] }), [5, 4, 6, 1]],
  [maxPool({ poolSize: 3, strides: 2, padding: 'same' }), [8, 2]],
  [averagePool({ poolSize: 3, strides: 2, padding: 'same' }), [4, 5, 3, 2]],
  [globalMaxPool(), [4, 3, 2]],
  [batchNorm(), [3, 2, 4]],
  [groupNorm({ groups: 2 }), [3, 2, 4]],
  [rmsNorm(), [4, 5]],
];

/** Two samples, and their gradients, by layer: as many lists of numbers for each. */
export function evaluate(): Record<string, number[][]> {
  backend();
  const values = (tensors: Record<string, tf.Tensor>): number[][] =>
    Object.values(tensors).map((tensor) => Array.from(tensor.dataSync()));
  const results = cases.map(([layer, shape]): [string, number[][]] => {
    const tensors = { x: noise(1, [2, 2, ...shape]), ...parametersOf(layer, shape, 2) };
    const dy = noise(2, [2, 2, ...layer.build(shape).outputShape]);
    return [inspect(layer), values(outputAndGradients(applied(layer, shape), tensors, dy))];
  });
  const table = embedding({ vocabulary: 5, dim: 3 });
  const tokens = noise(1, [1, 2, 4]).abs().floor();
  const rows = outputAndGradients(
    ({ kernel }) => applied(table, [4])({ x: noise(1, [1, 2, 4]).abs().floor(), kernel: kernel! }),
    parametersOf(table, [4], 2),
    noise(2, [2, 2, 4, 3]),
  );
  return {
    ...Object.fromEntries(results),
    [inspect(table)]: [Array.from(tokens.dataSync()), ...values(rows)],
  };
}
