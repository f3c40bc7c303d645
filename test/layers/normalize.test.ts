import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import * as data from '../../lib/data';
import { backend } from '../../lib/engine/tfjs/backend';
import { normalize } from '../../lib/layers';
import { ndarray } from '../../lib/ndarray';
import { refuses } from '../refuses';
import { applied, assertNear, assertSamplesApart, noise, outputAndGradients } from './evaluate';

describe('layers: normalize', () => {
  before(() => {
    backend();
  });

  it('is (x - mean) / std of each channel, with gradient', () => {
    const x = tf.tensor([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 2, 2]);
    const dy = noise(1, [1, 2, 2, 2]);
    const layer = normalize({ mean: [1, 4], std: Float64Array.of(2, 0.5) });
    const { output, grad_x } = outputAndGradients(applied(layer, [2, 2]), { x }, dy);
    assertNear(output!, tf.tensor([0, -4, 1, 0, 2, 4, 3, 8], [1, 2, 2, 2]), 1e-6, 'output');
    assertNear(grad_x!, tf.mul(dy, tf.tensor1d([0.5, 2])), 1e-6, 'gradient');
  });

  it('takes one number for all channels', () => {
    const x = tf.tensor([1, 2, 3, 4], [1, 1, 4]);
    const layer = normalize({ mean: 2, std: [1, 2, 1, 4] });
    const { output } = outputAndGradients(applied(layer, [4]), { x }, noise(1, [1, 1, 4]));
    assertNear(output!, tf.tensor([-1, 0, 1, 0.5], [1, 1, 4]), 1e-6, 'output');
  });

  it('treats samples apart, and needs no more than one where all share the input', () => {
    assertSamplesApart(normalize({ mean: [1, 2, 3], std: 2 }), [4, 4, 3], [2, 1]);
    const { apply, parameters, outputShape } = normalize({ mean: 0.5, std: 0.25 }).build([8, 8, 1]);
    assert.deepEqual([parameters, outputShape], [[], [8, 8, 1]]);
    assert.deepEqual(apply(undefined as never, tf.zeros([1, 5, 8, 8, 1])).shape, [1, 5, 8, 8, 1]);
  });

  it('standardises data by their own mean and deviation', () => {
    const values = Float32Array.from({ length: 600 }, (_, i) => (i % 3) * 10 + Math.sin(i) * (1 + (i % 3)));
    const x = ndarray(values, [50, 4, 3]);
    const { apply } = normalize(data.standardization(x)).build([4, 3]);
    const y = apply(undefined as never, tf.tensor(x, [1, 50, 4, 3]));
    const { mean, variance } = tf.moments(y, [0, 1, 2]);
    assertNear(mean, tf.zeros([3]), 1e-5, 'mean');
    assertNear(variance, tf.ones([3]), 1e-5, 'variance');
  });

  it('refuses numbers that do not fit the channels, and a deviation of zero', () => {
    refuses(
      () => normalize({ mean: [1, 2], std: 1 }).build([32, 32, 3]),
      'E_SHAPE',
      /option 'mean' has 2 values, but inputs of shape \[32, 32, 3\] have 3 channels: give one for each, or one number/,
    );
    refuses(
      () => normalize({ mean: 0, std: [1] }).build([]),
      'E_SHAPE',
      /'std' has 1 values.*have no channels/,
    );
    for (const std of [0, [1, 0], [], NaN, '1', null]) {
      refuses(
        () => normalize({ mean: 0, std: std as number }),
        'E_OPTION',
        /'std' must be a number above 0, or a list/,
      );
    }
    refuses(() => normalize({ mean: [Infinity], std: 1 }), 'E_OPTION', /'mean' must be a number, or a list/);
    refuses(() => normalize({ mean: 1 } as never), 'E_OPTION', /'std' is missing/);
  });
});
