import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { backend } from '../../lib/engine/tfjs/backend';
import { conv3d, type Conv3dOptions, globalAveragePool, maxPool } from '../../lib/layers';
import { sequential } from '../../lib/layers/sequential';
import { refuses } from '../refuses';
import { applied, assertNear, assertSamplesApart, noise, outputAndGradients } from './evaluate';

const triple = (value: Conv3dOptions['kernelSize']): [number, number, number] =>
  typeof value === 'number' ? [value, value, value] : [...value];

describe('layers: conv3d', () => {
  before(() => {
    backend();
  });

  const cases: [Omit<Conv3dOptions, 'filters'>, volume: number[], output: number[]][] = [
    [{ kernelSize: 3 }, [4, 5, 6, 2], [4, 5, 6, 3]],
    [{ kernelSize: [2, 3, 1], padding: 'valid' }, [4, 5, 6, 2], [3, 3, 6, 3]],
    [{ kernelSize: 3, strides: 2 }, [5, 6, 7, 1], [3, 3, 4, 3]],
    [{ kernelSize: [4, 2, 2], strides: [3, 1, 2] }, [7, 4, 4, 2], [3, 4, 2, 3]],
    [{ kernelSize: 2, strides: [2, 1, 1], padding: 'valid' }, [5, 3, 3, 2], [2, 2, 2, 3]],
  ];
  for (const [options, volume, output] of cases) {
    it(`${JSON.stringify(options)} of ${volume.join(' x ')} equals that of tfjs, with gradients`, () => {
      const layer = conv3d({ filters: 3, bias: false, ...options });
      assert.deepEqual(layer.build(volume).outputShape, output);
      const { kernelSize, strides = 1, padding = 'same' } = options;
      const tensors = {
        x: noise(1, [1, 2, ...volume]),
        kernel: noise(2, [1, ...triple(kernelSize), volume[3]!, 3]),
      };
      const plain = ({ x, kernel }: Readonly<Record<string, tf.Tensor>>): tf.Tensor => {
        const [volumes, filter] = [tf.squeeze(x!, [0]), tf.squeeze(kernel!, [0])];
        const pad = padding as 'same' | 'valid';
        const y = tf.conv3d(volumes as tf.Tensor5D, filter as tf.Tensor5D, triple(strides), pad);
        return tf.expandDims(y, 0);
      };
      const dy = noise(3, [1, 2, ...output]);
      const got = outputAndGradients(applied(layer, volume), tensors, dy);
      const want = outputAndGradients(plain, tensors, dy);
      for (const [what, tensor] of Object.entries(want)) assertNear(got[what]!, tensor, 3e-6, what);
    });
  }

  it('a dilated filter is one with zeros between its places', () => {
    const x = noise(1, [2, 2, 5, 4, 6, 2]);
    const kernel = noise(2, [2, 2, 2, 2, 2, 3]);
    const wide = tf.tidy(() => {
      const apart = tf.reshape(kernel, [2, 2, 1, 2, 1, 2, 1, 6]);
      const none: [number, number] = [0, 0];
      const spread = tf.pad(apart, [none, none, [0, 2], none, [0, 0], none, [0, 1], none]);
      return tf.slice(tf.reshape(spread, [2, 6, 2, 4, 2, 3]), 0, [2, 4, 2, 3, 2, 3]);
    });
    const options = { filters: 3, bias: false, padding: 1 } as const;
    const dilated = applied(conv3d({ ...options, kernelSize: 2, dilation: [3, 1, 2] }), [5, 4, 6, 2]);
    const plain = applied(conv3d({ ...options, kernelSize: [4, 2, 3] }), [5, 4, 6, 2]);
    const dy = noise(3, [2, 2, 4, 5, 6, 3]);
    const [got, want] = [
      outputAndGradients(dilated, { x, kernel }, dy),
      outputAndGradients(plain, { x, kernel: wide }, dy),
    ];
    assertNear(got['output']!, want['output']!, 3e-6, 'output');
    assertNear(got['grad_x']!, want['grad_x']!, 3e-6, 'grad_x');
  });

  for (const samples of [
    [2, 2],
    [1, 2],
    [2, 1],
  ] as const) {
    it(`treats samples apart, ${samples[0]} of inputs and ${samples[1]} of weights`, () => {
      const options = { filters: 4, kernelSize: 2, groups: 2, strides: [2, 1, 1], padding: 1 } as const;
      assertSamplesApart(conv3d({ ...options, activation: 'tanh' }), [4, 3, 3, 2], samples);
    });
  }

  it('treats samples apart in a whole network, where volumes keep the samples in their channels', () => {
    const network = sequential([
      conv3d({ filters: 3, kernelSize: 3, activation: 'relu' }),
      maxPool({ poolSize: 2 }),
      conv3d({ filters: 2, kernelSize: 2, padding: 'valid' }),
      globalAveragePool(),
    ]);
    assertSamplesApart(network, [6, 4, 5, 2], [1, 3]);
  });

  it('refuses inputs that it cannot take, and says why', () => {
    const layer = conv3d({ filters: 2, kernelSize: [3, 1, 1], padding: 'valid' });
    refuses(
      () => layer.build([8, 8, 1]),
      'E_SHAPE',
      /^layers\.conv3d needs volumes of shape \[depth, height, width, channels\], got \[8, 8, 1\]/,
    );
    refuses(
      () => layer.build([2, 5, 5, 1]),
      'E_SHAPE',
      /a window of 3 x 1 x 1 does not fit into volumes of 2 x 5 x 5/,
    );
    refuses(
      () => conv3d({ filters: 2, kernelSize: [3, 3] } as unknown as Conv3dOptions),
      'E_OPTION',
      /'kernelSize' must be a whole number of at least 1, or three: \[depth, height, width\], got \[3,3\]/,
    );
  });
});
