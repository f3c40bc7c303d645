import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { backend } from '../../lib/engine/tfjs/backend';
import { conv2d, depthwiseConv2d, type DepthwiseConv2dOptions, separableConv2d } from '../../lib/layers';
import { sequential } from '../../lib/layers/sequential';
import { refuses } from '../refuses';
import { applied, assertNear, assertSamplesApart, noise, outputAndGradients } from './evaluate';

describe('layers: depthwise and separable convolutions', () => {
  before(() => {
    backend();
  });

  for (const [multiplier, strides, padding] of [
    [1, 1, 'same'],
    [2, 1, 'valid'],
    [3, 2, 'same'],
  ] as const) {
    it(`depthwiseConv2d, ${multiplier} filters a channel, strides ${strides}, ${padding}, equals that of tfjs, with gradients`, () => {
      const layer = depthwiseConv2d({ kernelSize: [3, 2], multiplier, strides, padding, bias: false });
      const tensors = { x: noise(1, [1, 2, 6, 5, 4]), kernel: noise(2, [1, 3, 2, 1, 4 * multiplier]) };
      const plain = ({ x, kernel }: Readonly<Record<string, tf.Tensor>>): tf.Tensor => {
        const filter: tf.Tensor4D = tf.reshape(kernel!, [3, 2, 4, multiplier]);
        const images: tf.Tensor4D = tf.squeeze(x!, [0]);
        const y = tf.depthwiseConv2d(images, filter, strides, padding);
        return tf.expandDims(y, 0);
      };
      const dy = noise(3, plain(tensors).shape);
      assert.deepEqual(layer.build([6, 5, 4]).outputShape, dy.shape.slice(2));
      const got = outputAndGradients(applied(layer, [6, 5, 4]), tensors, dy);
      const want = outputAndGradients(plain, tensors, dy);
      for (const [what, tensor] of Object.entries(want)) assertNear(got[what]!, tensor, 3e-6, what);
    });
  }

  it('treat samples apart', () => {
    for (const samples of [
      [3, 3],
      [1, 3],
      [3, 1],
    ] as const) {
      assertSamplesApart(
        depthwiseConv2d({ kernelSize: 3, multiplier: 2, activation: 'relu' }),
        [5, 4, 3],
        samples,
      );
      assertSamplesApart(
        separableConv2d({ filters: 5, kernelSize: 3, activation: 'tanh' }),
        [5, 4, 3],
        samples,
      );
    }
  });

  it('a separable one is a depthwise one and one of 1 x 1, and says so in its parameters', () => {
    const separable = separableConv2d({ filters: 5, kernelSize: 3, multiplier: 2, activation: 'relu' });
    const parts = sequential([
      depthwiseConv2d({ kernelSize: 3, multiplier: 2, bias: false }),
      conv2d({ filters: 5, kernelSize: 1, activation: 'relu' }),
    ]);
    const { parameters, outputShape } = separable.build([6, 6, 2]);
    assert.deepEqual(outputShape, [6, 6, 5]);
    assert.deepEqual(
      parameters.map(({ name, shape, fanIn }) => [name, shape, fanIn]),
      [
        ['depthwise.kernel', [3, 3, 1, 4], 9],
        ['pointwise.kernel', [1, 1, 4, 5], 4],
        ['pointwise.bias', [5], 4],
      ],
    );
    const values = parameters.map(({ shape }, i) => noise(i, [2, ...shape]));
    const x = noise(9, [1, 3, 6, 6, 2]);
    const by = (layer: typeof parts): tf.Tensor => {
      const names = layer.build([6, 6, 2]).parameters.map(({ name }) => name);
      return applied(
        layer,
        [6, 6, 2],
      )({ x, ...Object.fromEntries(names.map((name, i) => [name, values[i]!])) });
    };
    assertNear(by(separable), by(parts), 0, 'output');
    const twin = separableConv2d({ filters: 5, kernelSize: 3, bayesian: false }).build([6, 6, 2]);
    assert.ok(twin.parameters.every(({ bayesian }) => !bayesian));
  });

  it('refuse what they cannot take, and say why', () => {
    refuses(
      () => depthwiseConv2d({ kernelSize: 3 }).build([64]),
      'E_SHAPE',
      /^layers\.depthwiseConv2d needs images of shape \[height, width, channels\], got \[64\]/,
    );
    refuses(
      () => depthwiseConv2d({ kernelSize: 3, multiplier: 0 }),
      'E_OPTION',
      /^layers\.depthwiseConv2d: option 'multiplier' must be a whole number of at least 1, got 0/,
    );
    refuses(
      () => depthwiseConv2d({} as DepthwiseConv2dOptions),
      'E_OPTION',
      /option 'kernelSize' is missing/,
    );
  });
});
