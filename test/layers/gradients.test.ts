/** The gradients of every layer, by its inputs and by each of its parameters, against differences. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { backend } from '../../lib/engine/tfjs/backend';
import * as layers from '../../lib/layers';
import { activationNames } from '../../lib/layers/activation';
import { assertSlopes } from './evaluate';

type Case = [layer: layers.Layer, inputShape: number[], x?: () => tf.Tensor];
const small = { depth: 1, heads: 2, mlp: 6 };

/** Dropout has its own noise, and a test of it; the large one is a `vit` of other numbers. */
const elsewhere = ['dropout', 'tinySimpleVit'] as const;

/** Layers of each kind, by name: a new layer has no type until it is here. */
const each: Record<Exclude<keyof typeof layers, (typeof elsewhere)[number]>, Case[]> = {
  activation: activationNames.map((name) => [layers.activation(name), [7]]),
  averagePool: [
    [layers.averagePool({ poolSize: 2, strides: 1, padding: 'same' }), [4, 3, 2]],
    [layers.averagePool({ poolSize: 3 }), [7, 2]],
  ],
  batchNorm: [
    [layers.batchNorm({ epsilon: 0.1 }), [5, 3]],
    [layers.batchNorm({ scale: false, center: false }), [3, 2, 2]],
  ],
  conv1d: [[layers.conv1d({ filters: 4, kernelSize: 3, strides: 2, groups: 2, activation: 'tanh' }), [7, 2]]],
  conv2d: [
    [
      layers.conv2d({ filters: 2, kernelSize: [3, 2], dilation: [1, 2], padding: 1, activation: 'silu' }),
      [5, 4, 3],
    ],
  ],
  conv3d: [[layers.conv3d({ filters: 2, kernelSize: 2, strides: [1, 2, 1] }), [3, 4, 3, 2]]],
  convTranspose1d: [[layers.convTranspose1d({ filters: 2, kernelSize: 3, strides: 2 }), [4, 3]]],
  convTranspose2d: [
    [layers.convTranspose2d({ filters: 2, kernelSize: 3, strides: [2, 1], padding: 1 }), [3, 4, 2]],
  ],
  convTranspose3d: [
    [layers.convTranspose3d({ filters: 2, kernelSize: 2, strides: 2, padding: 'valid' }), [2, 3, 2, 2]],
  ],
  crossAttention: [
    [layers.crossAttention({ heads: 2, memory: 2 }), [5, 4]],
    [layers.crossAttention({ heads: 2, queries: 3 }), [4, 4]],
  ],
  dense: [[layers.dense({ units: 3, activation: 'softplus' }), [4, 5]]],
  depthwiseConv2d: [[layers.depthwiseConv2d({ kernelSize: 3, multiplier: 2, strides: 2 }), [5, 4, 3]]],
  embedding: [
    [
      layers.embedding({ vocabulary: 5, dim: 3 }),
      [4],
      () => tf.tensor3d([0, 4, 2, 2, 1, 3, 0, 0], [1, 2, 4]),
    ],
  ],
  flatten: [[layers.flatten(), [2, 3, 2]]],
  functional: [
    [
      layers.functional({
        parameters: { a: { shape: [3] }, w: { shape: [2, 2] } },
        apply: (x, { a, w }) => tf.matMul(tf.sin(tf.mul(x, tf.sum(a))), w),
        outputShape: [2],
      }),
      [2],
    ],
  ],
  globalAveragePool: [[layers.globalAveragePool(), [3, 4, 2]]],
  globalMaxPool: [[layers.globalMaxPool(), [3, 4, 2]]],
  groupNorm: [[layers.groupNorm({ groups: 2 }), [3, 2, 4]]],
  gru: [
    [layers.gru({ units: 3 }), [4, 2]],
    [layers.gru({ units: 2, returnSequences: true, bias: false }), [3, 2]],
  ],
  layerNorm: [[layers.layerNorm(), [3, 5]]],
  lstm: [
    [layers.lstm({ units: 3 }), [4, 2]],
    [layers.lstm({ units: 2, returnSequences: true, bias: false }), [3, 2]],
  ],
  maxPool: [
    [layers.maxPool({ poolSize: 2 }), [4, 6, 2]],
    [layers.maxPool({ poolSize: 2, strides: 1 }), [3, 3, 3, 2]],
  ],
  multiHeadAttention: [[layers.multiHeadAttention({ heads: 2, causal: true }), [4, 4]]],
  normalize: [[layers.normalize({ mean: [0.3, -1], std: [2, 0.5] }), [3, 2]]],
  patchEmbedding: [[layers.patchEmbedding({ patch: 2, dim: 8 }), [4, 4, 2]]],
  patches: [[layers.patches({ patch: [1, 2] }), [2, 4, 2]]],
  patchMerging: [[layers.patchMerging(), [4, 2, 3]]],
  positionEncoding: [[layers.positionEncoding(), [4, 8]]],
  reshape: [[layers.reshape([2, 3]), [6]]],
  residual: [[layers.residual(layers.dense({ units: 4, activation: 'tanh' })), [4]]],
  rmsNorm: [[layers.rmsNorm(), [3, 5]]],
  separableConv2d: [
    [layers.separableConv2d({ filters: 2, kernelSize: 3, multiplier: 2, activation: 'tanh' }), [5, 4, 2]],
  ],
  swin: [
    [
      layers.swin({ classes: 2, patch: 1, dim: 4, depths: [2, 1], heads: [2, 2], window: 2, mlpRatio: 1 }),
      [4, 4, 2],
    ],
  ],
  transformerDecoder: [[layers.transformerDecoder({ ...small, queries: 2 }), [4, 4]]],
  transformerEncoder: [[layers.transformerEncoder(small), [3, 4]]],
  vit: [[layers.vit({ ...small, patch: 2, dim: 8, classes: 2 }), [4, 4, 1]]],
  windowAttention: [[layers.windowAttention({ heads: 2, window: 2, shifted: true }), [4, 4, 4]]],
};

describe('layers: gradients', () => {
  before(() => {
    backend();
  });

  for (const [name, cases] of Object.entries(each)) {
    it(`${name}: what its outputs change by`, () => {
      for (const [layer, inputShape, x] of cases) assertSlopes(layer, inputShape, x?.());
    });
  }

  it('every layer is here', () => {
    assert.deepEqual([...Object.keys(each), ...elsewhere].sort(), Object.keys(layers).sort());
  });
});
