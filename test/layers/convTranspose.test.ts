import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { backend } from '../../lib/engine/tfjs/backend';
import {
  conv1d,
  conv2d,
  conv3d,
  type ConvTranspose2dOptions,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
} from '../../lib/layers';
import { convolveTransposed, convolveTransposedOneByOne } from '../../lib/layers/convolveTransposed';
import { sequential } from '../../lib/layers/sequential';
import { refuses } from '../refuses';
import { applied, assertNear, assertSamplesApart, noise, outputAndGradients } from './evaluate';

describe('layers: transposed convolutions', () => {
  before(() => {
    backend();
  });

  it('place each number times the filter, one stride after the other, by hand', () => {
    const x = tf.tensor4d([2, -1, 3], [1, 1, 3, 1]);
    const kernel = tf.tensor4d([1, 10, 100], [1, 3, 1, 1]);
    const outputs = (padding: 'same' | 'valid' | number, strides = 2): number[] => {
      const layer = convTranspose1d({ filters: 1, kernelSize: 3, strides, padding, bias: false });
      return Array.from(applied(layer, [3, 1])({ x, kernel }).dataSync());
    };
    assert.deepEqual(outputs('valid'), [2, 20, 199, -10, -97, 30, 300]);
    assert.deepEqual(outputs('same'), [2, 20, 199, -10, -97, 30]); // as TensorFlow, which cuts off at the end first
    assert.deepEqual(outputs(1), [20, 199, -10, -97, 30]);
    assert.deepEqual(outputs('same', 4), [2, 20, 200, 0, -1, -10, -100, 0, 3, 30, 300, 0]);
  });

  const cases: [
    axes: 1 | 2 | 3,
    options: { kernelSize: number; strides: number; padding: 'same' | 'valid' | number },
    output: number,
  ][] = [
    [1, { kernelSize: 3, strides: 2, padding: 'same' }, 8],
    [1, { kernelSize: 5, strides: 1, padding: 'valid' }, 8],
    [2, { kernelSize: 3, strides: 1, padding: 'same' }, 4],
    [2, { kernelSize: 4, strides: 2, padding: 'same' }, 8],
    [2, { kernelSize: 3, strides: 2, padding: 1 }, 7],
    [3, { kernelSize: 3, strides: 2, padding: 'same' }, 8],
    [3, { kernelSize: 2, strides: 2, padding: 'valid' }, 8],
    [3, { kernelSize: 3, strides: 1, padding: 1 }, 4],
  ];
  for (const [axes, options, length] of cases) {
    it(`in ${axes} dimensions, ${JSON.stringify(options)}: the gradient of the convolution from outputs to inputs`, () => {
      const places = (n: number): number[] => Array.from({ length: axes }, () => n);
      const [channels, filters] = [2, 3];
      const common = { ...options, bias: false };
      const transpose = [convTranspose1d, convTranspose2d, convTranspose3d][axes - 1]!({
        ...common,
        filters,
      });
      const forward = [conv1d, conv2d, conv3d][axes - 1]!({ ...common, filters: channels });
      const [input, output] = [
        [...places(4), channels],
        [...places(length), filters],
      ];
      assert.deepEqual(transpose.build(input).outputShape, output);
      assert.deepEqual(forward.build(output).outputShape, input);
      const [x, y] = [noise(1, [2, 3, ...input]), noise(2, [2, 3, ...output])];
      const kernel = noise(3, [2, ...places(options.kernelSize), filters, channels]);
      const got = outputAndGradients(applied(transpose, input), { x, kernel }, y);
      const want = outputAndGradients(applied(forward, output), { x: y, kernel }, x);
      assertNear(got['output']!, want['grad_x']!, 3e-6, 'output');
      assertNear(got['grad_x']!, want['output']!, 3e-6, 'grad_x');
      assertNear(got['grad_kernel']!, want['grad_kernel']!, 3e-6, 'grad_kernel');
    });
  }

  for (const [images, filters] of [
    [1, 1],
    [1, 3],
    [3, 3],
    [3, 1],
  ] as const) {
    it(`equal one after the other, with gradients: ${images} of images, ${filters} of filters`, () => {
      const tensors = { x: noise(1, [images, 2, 4, 3, 2]), w: noise(2, [filters, 3, 2, 5, 2]) };
      const by =
        (how: typeof convolveTransposed) =>
        ({ x, w }: Readonly<Record<string, tf.Tensor>>): tf.Tensor =>
          how(x!, w!, [9, 6], [2, 2]);
      const dy = noise(3, [Math.max(images, filters), 2, 9, 6, 5]);
      const [got, want] = [convolveTransposed, convolveTransposedOneByOne].map((how) =>
        outputAndGradients(by(how), tensors, dy),
      );
      for (const [name, tensor] of Object.entries(want!)) assertNear(got![name]!, tensor, 3e-6, name);
    });
  }

  it('treat samples apart, alone and between convolutions', () => {
    const options = { filters: 3, kernelSize: 3, strides: 2, activation: 'tanh' } as const;
    for (const samples of [
      [3, 3],
      [1, 3],
      [3, 1],
    ] as const) {
      assertSamplesApart(convTranspose1d(options), [4, 2], samples);
      assertSamplesApart(convTranspose2d({ ...options, padding: 1 }), [4, 3, 2], samples);
      assertSamplesApart(convTranspose3d({ ...options, kernelSize: 2 }), [2, 3, 2, 2], samples);
    }
    const network = sequential([
      conv2d({ filters: 4, kernelSize: 3, strides: 2, activation: 'relu' }),
      convTranspose2d({ filters: 3, kernelSize: 4, strides: 2, activation: 'relu' }),
      conv2d({ filters: 2, kernelSize: 3 }),
    ]);
    assertSamplesApart(network, [6, 8, 2], [1, 3]);
  });

  it('declare their parameters', () => {
    const { parameters, outputShape } = convTranspose2d({ filters: 6, kernelSize: [4, 3], strides: 2 }).build(
      [5, 7, 2],
    );
    assert.deepEqual(outputShape, [10, 14, 6]);
    const kernel = { name: 'kernel', shape: [4, 3, 6, 2], bayesian: true, fanIn: 8, initial: 'uniform' };
    assert.deepEqual(parameters, [kernel, { ...kernel, name: 'bias', shape: [6] }]);
  });

  it('refuse inputs and options that they cannot take, and say why', () => {
    const layer = convTranspose2d({ filters: 1, kernelSize: 3, padding: 3 });
    refuses(
      () => layer.build([8, 1]),
      'E_SHAPE',
      /^layers\.convTranspose2d needs images of shape .*, got \[8, 1\]/,
    );
    refuses(
      () => layer.build([4, 4, 1]),
      'E_SHAPE',
      /^layers\.convTranspose2d: padding 3 cuts off all of the 6 x 6 outputs of 4 x 4 places: use a smaller one/,
    );
    refuses(
      () => convTranspose2d({ filters: 1, kernelSize: 3, dilation: 2 } as ConvTranspose2dOptions),
      'E_OPTION',
      /unknown option 'dilation'/,
    );
  });
});
