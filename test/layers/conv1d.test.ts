import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { backend } from '../../lib/engine/tfjs/backend';
import {
  activation,
  averagePool,
  conv1d,
  type Conv1dOptions,
  dense,
  flatten,
  maxPool,
} from '../../lib/layers';
import { sequential } from '../../lib/layers/sequential';
import { golden, type Golden } from '../golden';
import { refuses } from '../refuses';
import { applied, assertGolden, assertSamplesApart } from './evaluate';

type List = number[] | List[];
interface Inputs {
  x: List;
  W: List;
  b: List;
  grad_output: List;
  stride: number;
  padding: 'same' | 'valid';
  dilation: number;
}
type Expected = Record<'output' | 'grad_x' | 'grad_W' | 'grad_b', Golden>;

const one = (list: List): tf.Tensor => tf.expandDims(tf.tensor(list as number[]), 0);

describe('layers: conv1d', () => {
  before(() => {
    backend();
  });

  for (const { name, inputs, expected, tolerance_f32 } of golden<Inputs, Expected>('layers', 'conv1d')) {
    it(`layers.json ${name}: output and all gradients`, () => {
      const [x, kernel, bias] = [one(inputs.x), one(inputs.W), one(inputs.b)];
      const [, kernelSize, , filters] = kernel.shape as [number, number, number, number];
      const { stride, padding, dilation } = inputs;
      const layer = conv1d({ filters, kernelSize, strides: stride, padding, dilation });
      const { grad_W, grad_b, ...rest } = expected;
      const dy = one(inputs.grad_output);
      assert.deepEqual(layer.build(x.shape.slice(2)).outputShape, dy.shape.slice(2));
      assertGolden(
        applied(layer, x.shape.slice(2)),
        { x, kernel, bias },
        {
          dy,
          expected: { ...rest, grad_kernel: grad_W, grad_bias: grad_b },
          tolerance: tolerance_f32,
        },
      );
    });
  }

  const layers: [string, Conv1dOptions][] = [
    ['plain', { filters: 6, kernelSize: 3, activation: 'relu' }],
    ['strides, groups, no bias', { filters: 4, kernelSize: 4, strides: 2, groups: 2, bias: false }],
    ['dilated', { filters: 3, kernelSize: 3, dilation: 2, padding: 3, activation: 'tanh' }],
  ];
  for (const [name, options] of layers) {
    for (const samples of [
      [3, 3],
      [1, 3],
      [3, 1],
    ] as const) {
      it(`${name}: treats samples apart, ${samples[0]} of inputs and ${samples[1]} of weights`, () => {
        assertSamplesApart(conv1d(options), [9, 4], samples);
      });
    }
  }

  it('treats samples apart in a whole network, where sequences keep the samples in their channels', () => {
    const network = sequential([
      conv1d({ filters: 4, kernelSize: 3, activation: 'relu' }),
      maxPool({ poolSize: 2 }),
      conv1d({ filters: 6, kernelSize: 3, dilation: 2 }),
      activation('gelu'),
      averagePool({ poolSize: 3, strides: 1, padding: 'same' }),
      conv1d({ filters: 2, kernelSize: 2, padding: 'valid', strides: 2, bayesian: false }),
      flatten(),
      dense({ units: 3 }),
    ]);
    assertSamplesApart(network, [13, 3], [3, 3]);
    assertSamplesApart(network, [13, 3], [1, 3]);
  });

  it('declares its parameters and the shape of its output, and prints as it was written', () => {
    const layer = conv1d({ filters: 6, kernelSize: 5, groups: 2, strides: 2 });
    const { parameters, outputShape } = layer.build([9, 4]);
    assert.deepEqual(outputShape, [5, 6]);
    const kernel = { name: 'kernel', shape: [5, 2, 6], bayesian: true, fanIn: 10, initial: 'uniform' };
    assert.deepEqual(parameters, [kernel, { ...kernel, name: 'bias', shape: [6] }]);
    assert.equal(inspect(layer), 'conv1d({ filters: 6, kernelSize: 5, groups: 2, strides: 2 })');
    const twin = conv1d({ filters: 6, kernelSize: 5, bayesian: false }).build([9, 4]);
    assert.ok(twin.parameters.every(({ bayesian }) => !bayesian));
  });

  it('refuses inputs and options that it cannot take, and says why', () => {
    const layer = conv1d({ filters: 2, kernelSize: 3, padding: 'valid' });
    refuses(
      () => layer.build([8, 8, 1]),
      'E_SHAPE',
      /^layers\.conv1d needs sequences of shape \[length, channels\], got \[8, 8, 1\]: give data of shape \[N, length, channels\]$/,
    );
    refuses(
      () => layer.build([2, 1]),
      'E_SHAPE',
      /^layers\.conv1d: a window of 3 does not fit into sequences of 2:/,
    );
    refuses(
      () => conv1d({ filters: 2, kernelSize: 0 }),
      'E_OPTION',
      /^layers\.conv1d: option 'kernelSize' must be a whole number of at least 1, got 0$/,
    );
    refuses(() => conv1d({ filters: 2 } as Conv1dOptions), 'E_OPTION', /option 'kernelSize' is missing/);
  });
});
