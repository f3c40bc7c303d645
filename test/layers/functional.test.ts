import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { backend } from '../../lib/engine/tfjs/backend';
import { functional, dense } from '../../lib/layers';
import { refuses } from '../refuses';
import { applied, assertNear, assertSamplesApart, noise, parametersOf } from './evaluate';

const SHAPE = [3];
/** A dense layer, as a function of one sample. */
const own = functional({
  parameters: { kernel: { shape: [3, 2] }, bias: { shape: [2], fanIn: 3 } },
  apply: (x, { kernel, bias }) => tf.add(tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor2D), bias),
  outputShape: [2],
});
/** The same as a function of all. */
const ownOfAll = functional({
  parameters: { kernel: { shape: [3, 2] }, bias: { shape: [2], fanIn: 3 } },
  apply: (x, { kernel, bias }) => tf.add(tf.matMul(x, kernel), tf.expandDims(bias, 1)),
  outputShape: [2],
  vectorized: true,
});

describe('layers: functional', () => {
  before(() => {
    backend();
  });

  for (const [name, layer] of [
    ['sample by sample', own],
    ['all samples at once', ownOfAll],
  ] as const) {
    it(`${name}: what the function says`, () => {
      const twin = dense({ units: 2 });
      assert.deepEqual(layer.build(SHAPE).parameters, twin.build(SHAPE).parameters);
      const values = parametersOf(twin, SHAPE, 3);
      for (const samples of [1, 3]) {
        const x = noise(1, [samples, 4, 3]);
        assertNear(
          applied(layer, SHAPE)({ x, ...values }),
          applied(twin, SHAPE)({ x, ...values }),
          1e-6,
          'output',
        );
      }
    });

    it(`${name}: treats samples apart`, () => {
      for (const samples of [
        [3, 3],
        [1, 3],
        [3, 1],
        [1, 1],
      ] as const)
        assertSamplesApart(layer, SHAPE, samples);
    });
  }

  it('takes shapes and parameters that depend on the input, numbers alone, and plain values', () => {
    const layer = functional({
      name: 'scaled',
      parameters: ([features]) => ({
        scale: { shape: [], initial: 2, bayesian: false },
        shift: { shape: [features!] },
        map: { shape: [features!, 5, 4] },
      }),
      apply: (x, { scale, shift }) => tf.add(tf.mul(x, scale), shift),
      outputShape: (inputShape) => inputShape,
    });
    assert.equal(layer.name, 'scaled');
    const { parameters, outputShape } = layer.build([7]);
    assert.deepEqual(outputShape, [7]);
    assert.deepEqual(parameters, [
      { name: 'scale', shape: [], bayesian: false, fanIn: 1, initial: 2 },
      { name: 'shift', shape: [7], bayesian: true, fanIn: 7, initial: 'uniform' },
      { name: 'map', shape: [7, 5, 4], bayesian: true, fanIn: 35, initial: 'uniform' },
    ]);
    const values = { scale: tf.tensor1d([2]), shift: tf.tensor2d([[1, 0]]), map: tf.zeros([1, 2, 5, 4]) };
    const x = tf.tensor3d([[[1, 3]]]);
    assertNear(applied(layer, [2])({ x, ...values }), tf.tensor3d([[[3, 6]]]), 0, 'output');
  });

  it('refuses what it cannot take, and says why', () => {
    const layer = (given: Record<string, unknown>) =>
      functional({
        parameters: { w: { shape: [3] } },
        apply: (x: tf.Tensor) => x,
        outputShape: [3],
        ...given,
      });
    const refusedAtOnce: [Record<string, unknown>, RegExp][] = [
      [{ apply: undefined }, /^layers\.functional: option 'apply' must be a function of tensors, is missing/],
      [{ parameters: 3 }, /option 'parameters' must name the parameters, as in \{ w: /],
      [{ outputShape: 3 }, /option 'outputShape' must be a shape/],
      [{ aply: 3 }, /unknown option 'aply'. Did you mean 'apply'/],
    ];
    for (const [given, message] of refusedAtOnce) refuses(() => layer(given), 'E_OPTION', message);
    const refusedWhenBuilt: [Record<string, unknown>, RegExp][] = [
      [
        { parameters: { w: { shape: 3 } } },
        /^layers\.functional: parameter 'w': option 'shape' must be a shape/,
      ],
      [{ parameters: { w: { shape: [3], size: 1 } } }, /parameter 'w': unknown option 'size'/],
      [{ parameters: { w: { shape: [3], initial: NaN } } }, /option 'initial' must be 'uniform' or a number/],
      [
        { parameters: { 'a.b': { shape: [1] } } },
        /the name of a parameter: must be a name without dots, got "a\.b"/,
      ],
      [{ parameters: () => 3 }, /^layers\.functional: parameters: must name the parameters/],
      [{ outputShape: () => 'wide' }, /^layers\.functional: outputShape: must be a shape/],
    ];
    for (const [given, message] of refusedWhenBuilt)
      refuses(() => layer(given).build(SHAPE), 'E_OPTION', message);
    const run = (given: Record<string, unknown>) => () =>
      applied(layer(given), SHAPE)({ x: noise(1, [1, 4, 3]), w: noise(2, [2, 3]) });
    refuses(
      run({ apply: () => 1 }),
      'E_OPTION',
      /^layers\.functional: apply must return a tensor of shape \[4, 3\], and returned number$/,
    );
    refuses(
      run({ apply: async (x: tf.Tensor) => Promise.resolve(x) }),
      'E_OPTION',
      /a promise: it must not be async/,
    );
    refuses(
      run({ apply: (x: tf.Tensor) => tf.sum(x, 1), name: 'sum' }),
      'E_SHAPE',
      /^layers\.functional 'sum': apply must return a tensor of shape \[4, 3\], and returned \[4\]: change it, or option 'outputShape'$/,
    );
    refuses(
      run({ apply: (x: tf.Tensor) => tf.sum(x, 0), vectorized: true }),
      'E_SHAPE',
      /must return a tensor of shape \[2 or 1, 4, 3\], and returned \[4, 3\]/,
    );
    refuses(
      run({ apply: (x: tf.Tensor) => tf.tile(x, [3, 1, 1]), vectorized: true }),
      'E_SHAPE',
      /must return a tensor of shape \[2 or 1, 4, 3\], and returned \[3, 4, 3\]/,
    );
  });
});
