import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import * as layers from '../../lib/layers';
import { convert } from '../../lib/layers/convert';
import { sequential } from '../../lib/layers/sequential';

const { dense, flatten, layerNorm, residual } = layers;
const small = { depth: 1, heads: 2, mlp: 6 };

/** One layer of each kind, by name. */
const each: Record<keyof typeof layers, layers.Layer> = {
  activation: layers.activation('relu'),
  averagePool: layers.averagePool({ poolSize: 2 }),
  batchNorm: layers.batchNorm(),
  conv1d: layers.conv1d({ filters: 2, kernelSize: 3 }),
  conv2d: layers.conv2d({ filters: 2, kernelSize: 3 }),
  conv3d: layers.conv3d({ filters: 2, kernelSize: 3 }),
  convTranspose1d: layers.convTranspose1d({ filters: 2, kernelSize: 3 }),
  convTranspose2d: layers.convTranspose2d({ filters: 2, kernelSize: 3 }),
  convTranspose3d: layers.convTranspose3d({ filters: 2, kernelSize: 3 }),
  crossAttention: layers.crossAttention({ heads: 2, queries: 3 }),
  dense: dense({ units: 2 }),
  depthwiseConv2d: layers.depthwiseConv2d({ kernelSize: 3 }),
  dropout: layers.dropout({ rate: 0.5 }),
  embedding: layers.embedding({ vocabulary: 7, dim: 2 }),
  flatten: flatten(),
  functional: layers.functional({ parameters: { w: { shape: [1] } }, apply: (x) => x, outputShape: [1] }),
  globalAveragePool: layers.globalAveragePool(),
  globalMaxPool: layers.globalMaxPool(),
  groupNorm: layers.groupNorm({ groups: 2 }),
  gru: layers.gru({ units: 2 }),
  layerNorm: layerNorm(),
  lstm: layers.lstm({ units: 2 }),
  maxPool: layers.maxPool({ poolSize: 2 }),
  multiHeadAttention: layers.multiHeadAttention({ heads: 2 }),
  normalize: layers.normalize({ mean: [0], std: [1] }),
  patchEmbedding: layers.patchEmbedding({ patch: 2, dim: 8 }),
  patches: layers.patches({ patch: 2 }),
  patchMerging: layers.patchMerging(),
  positionEncoding: layers.positionEncoding(),
  reshape: layers.reshape([2, 2]),
  residual: residual(dense({ units: 2 })),
  rmsNorm: layers.rmsNorm(),
  separableConv2d: layers.separableConv2d({ filters: 2, kernelSize: 3 }),
  swin: layers.swin(),
  tinySimpleVit: layers.tinySimpleVit(),
  transformerDecoder: layers.transformerDecoder({ ...small, queries: 2 }),
  transformerEncoder: layers.transformerEncoder(small),
  vit: layers.vit({ ...small, patch: 2, dim: 8, classes: 2 }),
  windowAttention: layers.windowAttention({ heads: 2, window: 2 }),
};

describe('layers: printed', () => {
  it('as the calls that make them', () => {
    assert.equal(
      String(dense({ units: 64, activation: 'relu' })),
      "dense({ units: 64, activation: 'relu' })",
    );
    assert.equal(String(layers.activation('tanh')), "activation('tanh')");
    assert.equal(String(layers.reshape([2, 3])), 'reshape([ 2, 3 ])');
    assert.equal(String(layerNorm()), 'layerNorm()');
    const model = sequential([flatten(), residual(sequential([layerNorm(), dense({ units: 3 })]))]);
    assert.equal(
      String(convert(model, { bayesian: false })),
      `convert(sequential([
  flatten(),
  residual(sequential([
    layerNorm(),
    dense({ units: 3 }),
  ])),
]), { bayesian: false })`,
    );
  });

  it('every one of them, in a cell, too', () => {
    for (const name of Object.keys(layers) as (keyof typeof layers)[]) {
      assert.ok(name in each, `no example of layers.${name}`);
      assert.ok(String(each[name]).startsWith(`${name}(`), `layers.${name} prints as ${String(each[name])}`);
      assert.equal(inspect(each[name]), String(each[name]));
    }
  });

  it('and are compared as before', () => {
    assert.deepEqual(Object.keys(flatten()), ['name', 'build']);
  });
});
