import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { backend } from '../../lib/engine/tfjs/backend';
import { activation, averagePool, conv2d, type Conv2dOptions, flatten, maxPool } from '../../lib/layers';
import { dense } from '../../lib/layers/dense';
import { sequential } from '../../lib/layers/sequential';
import { golden, type Golden } from '../golden';
import { applied, assertGolden, assertNear, assertSamplesApart, noise, outputAndGradients } from './evaluate';

type List = number[] | List[];
interface Inputs {
  x: List;
  W: List;
  b: List;
  grad_output: List;
  stride: [number, number];
  padding: 'same' | 'valid';
  dilation: [number, number];
}
type Expected = Record<'output' | 'grad_x' | 'grad_W' | 'grad_b', Golden>;

const one = (list: List): tf.Tensor => tf.expandDims(tf.tensor(list as number[]), 0);
const shapeOf = (layer: ReturnType<typeof conv2d>, inputShape: number[]): unknown =>
  layer.build(inputShape).outputShape;

describe('layers: conv2d', () => {
  before(() => {
    backend();
  });

  for (const { name, inputs, expected, tolerance_f32 } of golden<Inputs, Expected>('layers', 'conv2d')) {
    it(`layers.json ${name}: output and all gradients`, () => {
      const [x, kernel, bias] = [one(inputs.x), one(inputs.W), one(inputs.b)];
      const [, height, width, , filters] = kernel.shape as [number, number, number, number, number];
      const { stride, padding, dilation } = inputs;
      const layer = conv2d({ filters, kernelSize: [height, width], strides: stride, padding, dilation });
      const { grad_W, grad_b, ...rest } = expected;
      const dy = one(inputs.grad_output);
      assert.deepEqual(shapeOf(layer, x.shape.slice(2)), dy.shape.slice(2));
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

  const layers: [string, Conv2dOptions, number[]][] = [
    ['plain', { filters: 6, kernelSize: 3, activation: 'relu' }, [6, 5, 4]],
    [
      'strides, groups, no bias',
      { filters: 4, kernelSize: [3, 2], strides: 2, groups: 2, bias: false },
      [7, 6, 4],
    ],
    ['dilated', { filters: 3, kernelSize: 3, dilation: [2, 1], padding: 2, activation: 'tanh' }, [6, 6, 2]],
  ];
  for (const [name, options, inputShape] of layers) {
    for (const samples of [
      [3, 3],
      [1, 3],
      [3, 1],
    ] as const) {
      it(`${name}: treats samples apart, ${samples[0]} of inputs and ${samples[1]} of weights`, () => {
        assertSamplesApart(conv2d(options), inputShape, samples);
      });
    }
  }

  it('treats samples apart in a whole network, where images keep the samples in their channels', () => {
    const network = sequential([
      conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }),
      maxPool({ poolSize: 2 }),
      conv2d({ filters: 6, kernelSize: 3, padding: 1 }),
      activation('gelu'),
      averagePool({ poolSize: 3, strides: 1, padding: 'same' }),
      conv2d({ filters: 2, kernelSize: 2, padding: 'valid', strides: 2, bayesian: false }),
      flatten(),
      dense({ units: 3 }),
    ]);
    assertSamplesApart(network, [8, 9, 3], [3, 3]);
    assertSamplesApart(network, [8, 9, 3], [1, 3]);
  });

  it('a dilated filter is one with zeros between its places', () => {
    const x = noise(1, [2, 2, 7, 8, 3]);
    const kernel = noise(2, [2, 2, 3, 3, 4]);
    const wide = tf.tidy(() => {
      const zeros = (shape: number[]): tf.Tensor => tf.zeros(shape);
      const rows = tf.split(kernel, 2, 1) as [tf.Tensor, tf.Tensor];
      const spread = tf.concat([rows[0], zeros([2, 1, 3, 3, 4]), rows[1]], 1);
      const columns = tf.split(spread, 3, 2) as [tf.Tensor, tf.Tensor, tf.Tensor];
      const gap = zeros([2, 3, 2, 3, 4]);
      return tf.concat([columns[0], gap, columns[1], gap, columns[2]], 2);
    });
    const options = { filters: 4, bias: false, padding: 'valid' } as const;
    const dilated = applied(conv2d({ ...options, kernelSize: [2, 3], dilation: [2, 3] }), [7, 8, 3]);
    const plain = applied(conv2d({ ...options, kernelSize: [3, 7] }), [7, 8, 3]);
    const dy = noise(3, [2, 2, 5, 2, 4]);
    const got = outputAndGradients(dilated, { x, kernel }, dy);
    const want = outputAndGradients(plain, { x, kernel: wide }, dy);
    assertNear(got['output']!, want['output']!, 3e-6, 'output');
    assertNear(got['grad_x']!, want['grad_x']!, 3e-6, 'grad_x');
  });

  it('declares its parameters, and its output shape follows the usual rules', () => {
    const { parameters, outputShape } = conv2d({ filters: 6, kernelSize: [3, 5], groups: 2 }).build([
      32, 30, 4,
    ]);
    assert.deepEqual(outputShape, [32, 30, 6]);
    const kernel = { name: 'kernel', shape: [3, 5, 2, 6], bayesian: true, fanIn: 30, initial: 'uniform' };
    assert.deepEqual(parameters, [kernel, { ...kernel, name: 'bias', shape: [6] }]);
    const shapes: [Partial<Conv2dOptions>, number[]][] = [
      [{ padding: 'valid' }, [8, 7, 1]],
      [{ padding: 1 }, [10, 9, 1]],
      [{ padding: 2, strides: [2, 3] }, [6, 4, 1]],
      [{ strides: 2 }, [5, 5, 1]],
      [{ padding: 'valid', dilation: 3 }, [4, 3, 1]],
    ];
    for (const [options, want] of shapes) {
      assert.deepEqual(shapeOf(conv2d({ filters: 1, kernelSize: 3, ...options }), [10, 9, 2]), want);
    }
  });

  it('refuses inputs that it cannot take, and says why', () => {
    const refused: [Partial<Conv2dOptions>, number[], RegExp][] = [
      [{}, [64], /^layers\.conv2d needs images of shape \[height, width, channels\], got \[64\]/],
      [{ groups: 3, filters: 6 }, [8, 8, 4], /cannot split 4 channels into 3 groups: option 'groups'/],
      [
        { kernelSize: [9, 3], padding: 'valid' },
        [8, 8, 1],
        /^layers\.conv2d: a window of 9 x 3 does not fit into images of 8 x 8/,
      ],
      [{ dilation: 4, padding: 'valid' }, [8, 8, 1], /a window of 3 x 3 with dilation 4 x 4 does not fit/],
    ];
    for (const [options, inputShape, message] of refused) {
      assert.throws(() => conv2d({ filters: 2, kernelSize: 3, ...options }).build(inputShape), {
        name: 'CredenceError',
        code: 'E_SHAPE',
        message,
      });
    }
  });

  it('refuses options out of range', () => {
    const refused: [object, RegExp][] = [
      [{ kernelSize: 3 }, /option 'filters'/],
      [{ filters: 2, kernelSize: 0 }, /option 'kernelSize' must be a whole number of at least 1/],
      [{ filters: 2, kernelSize: [3, 3, 3] }, /option 'kernelSize' must be a whole number/],
      [
        { filters: 2, kernelSize: 3, padding: 'full' },
        /option 'padding' must be 'same', 'valid' or a whole number/,
      ],
      [
        { filters: 3, kernelSize: 3, groups: 2 },
        /option 'filters' must be a multiple of 'groups' \(2\), got 3/,
      ],
      [{ filters: 2, kernelSize: 3, stride: 2 }, /unknown option 'stride'\. Did you mean 'strides'\?/],
    ];
    for (const [options, message] of refused) {
      assert.throws(() => conv2d(options as Conv2dOptions), { code: 'E_OPTION', message });
    }
  });
});
