import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { backend } from '../../lib/engine/tfjs/backend';
import {
  averagePool,
  conv2d,
  globalAveragePool,
  globalMaxPool,
  type Layer,
  maxPool,
  type PoolOptions,
} from '../../lib/layers';
import { sequential } from '../../lib/layers/sequential';
import { type Pair, pairOf, sizesOf } from '../../lib/layers/windows';
import { applied, assertNear, assertSamplesApart, noise, outputAndGradients, parametersOf } from './evaluate';

const pools = { maxPool, averagePool };

describe('layers: pooling', () => {
  before(() => {
    backend();
  });

  const options: [PoolOptions, image: number[], output: number[]][] = [
    [{ poolSize: 2 }, [6, 4, 3], [3, 2, 3]],
    [{ poolSize: 2 }, [7, 5, 3], [3, 2, 3]],
    [{ poolSize: [1, 3] }, [2, 6, 2], [2, 2, 2]],
    [{ poolSize: 2, padding: 'same' }, [6, 4, 3], [3, 2, 3]],
    [{ poolSize: 2, padding: 'same' }, [7, 5, 2], [4, 3, 2]],
    [{ poolSize: 3, strides: 2 }, [7, 8, 2], [3, 3, 2]],
    [{ poolSize: 3, strides: [1, 2], padding: 'same' }, [5, 5, 2], [5, 3, 2]],
    [{ poolSize: 2, strides: 3 }, [5, 5, 2], [2, 2, 2]],
  ];
  for (const name of ['maxPool', 'averagePool'] as const) {
    for (const [given, image, output] of options) {
      it(`${name} ${JSON.stringify(given)} of ${image.join(' x ')} equals that of tfjs, with gradient`, () => {
        const layer = pools[name](given);
        assert.deepEqual(layer.build(image).outputShape, output);
        const x = noise(1, [2, 3, ...image]);
        const dy = noise(2, [2, 3, ...output]);
        const { poolSize, strides = poolSize, padding = 'valid' } = given;
        const pair = (value: typeof poolSize): [number, number] => pairOf(value as Pair);
        const plain = ({ x }: Readonly<Record<string, tf.Tensor>>): tf.Tensor => {
          const pool = name === 'maxPool' ? tf.maxPool : tf.avgPool;
          const images: tf.Tensor4D = tf.reshape(x!, [6, image[0]!, image[1]!, image[2]!]);
          return tf.reshape(pool(images, pair(poolSize), pair(strides), padding), dy.shape);
        };
        const got = outputAndGradients(applied(layer, image), { x }, dy);
        const want = outputAndGradients(plain, { x }, dy);
        for (const [what, tensor] of Object.entries(want)) assertNear(got[what]!, tensor, 1e-6, what);
      });
    }
  }

  for (const name of ['maxPool', 'averagePool'] as const) {
    for (const [given, length, output] of [
      [{ poolSize: 2 }, 7, 3],
      [{ poolSize: [3], strides: 2, padding: 'same' }, 6, 3],
    ] as const) {
      it(`${name} ${JSON.stringify(given)} of a sequence is that of an image of one row`, () => {
        const layer = pools[name](given);
        assert.deepEqual(layer.build([length, 2]).outputShape, [output, 2]);
        const { poolSize, strides = poolSize, padding = 'valid' } = given as PoolOptions;
        const across = (value: typeof poolSize): [number, number] => [1, [value].flat()[0]!];
        const image = pools[name]({ poolSize: across(poolSize), strides: across(strides), padding });
        const x = noise(1, [2, 3, length, 2]);
        const dy = noise(2, [2, 3, output, 2]);
        const got = outputAndGradients(applied(layer, [length, 2]), { x }, dy);
        const want = outputAndGradients(
          applied(image, [1, length, 2]),
          { x: tf.expandDims(x, 2) },
          tf.expandDims(dy, 2),
        );
        for (const [what, tensor] of Object.entries(want)) {
          assertNear(got[what]!, tf.squeeze(tensor, [2]), 1e-6, what);
        }
      });
    }

    for (const [given, volume, output] of [
      [{ poolSize: 2 }, [4, 5, 6, 2], [2, 2, 3, 2]],
      [{ poolSize: [1, 2, 3], strides: [2, 1, 3] }, [5, 4, 6, 1], [3, 3, 2, 1]],
      [{ poolSize: 3, strides: 2, padding: 'same' }, [4, 5, 3, 2], [2, 3, 2, 2]],
    ] as const) {
      it(`${name} ${JSON.stringify(given)} of ${volume.join(' x ')} equals that of tfjs, with gradient`, () => {
        const layer = pools[name](given);
        assert.deepEqual(layer.build([...volume]).outputShape, output);
        const { poolSize, strides = poolSize, padding = 'valid' } = given as PoolOptions;
        const triple = (value: typeof poolSize): [number, number, number] =>
          sizesOf(value, 3) as [number, number, number];
        const plain = ({ x }: Readonly<Record<string, tf.Tensor>>): tf.Tensor => {
          const pool = name === 'maxPool' ? tf.maxPool3d : tf.avgPool3d;
          const volumes: tf.Tensor5D = tf.reshape(x!, [6, ...volume]);
          return tf.reshape(pool(volumes, triple(poolSize), triple(strides), padding), [2, 3, ...output]);
        };
        const x = noise(1, [2, 3, ...volume]);
        const dy = noise(2, [2, 3, ...output]);
        const got = outputAndGradients(applied(layer, [...volume]), { x }, dy);
        const want = outputAndGradients(plain, { x }, dy);
        for (const [what, tensor] of Object.entries(want)) assertNear(got[what]!, tensor, 1e-6, what);
      });
    }
  }

  it('globalMaxPool is the largest of all places, whatever the axes', () => {
    for (const shape of [
      [5, 4],
      [3, 2, 4],
      [2, 3, 2, 4],
    ]) {
      const x = noise(1, [2, 3, ...shape]);
      const axes = shape.slice(1).map((_, i) => i + 2);
      const dy = noise(2, [2, 3, 4]);
      const layer = globalMaxPool();
      assert.deepEqual(layer.build(shape).outputShape, [4]);
      const { output, grad_x } = outputAndGradients(applied(layer, shape), { x }, dy);
      const largest = tf.max(x, axes, true);
      assertNear(output!, tf.squeeze(largest, axes), 0, 'output');
      const where = tf.cast(tf.equal(x, largest), 'float32');
      assertNear(grad_x!, tf.mul(where, tf.reshape(dy, largest.shape)), 0, 'gradient');
    }
  });

  it('of images with their samples in the channels is the same', () => {
    for (const layer of [
      maxPool({ poolSize: 2 }),
      averagePool({ poolSize: 3, strides: 1 }),
      globalAveragePool(),
      globalMaxPool(),
    ]) {
      assertSamplesApart(layer, [6, 6, 2], [3, 1]);
    }
  });

  it('max pooling gives the gradient to one place that holds the maximum', () => {
    const x = tf.tensor5d([
      [
        [
          [[1], [3]],
          [[3], [2]],
        ],
      ],
    ]);
    const fn = applied(maxPool({ poolSize: 2 }), [2, 2, 1]);
    const { grad_x: gradient } = outputAndGradients(fn, { x }, tf.ones([1, 1, 1, 1, 1]));
    const [first, second, third, last] = gradient!.dataSync();
    assert.deepEqual([first, last, second! + third!, second! * third!], [0, 0, 1, 0]);
  });

  it('max pooling before or after an increasing activation is the same', () => {
    for (const activation of ['relu', 'tanh', 'gelu'] as const) {
      const layer = sequential([conv2d({ filters: 3, kernelSize: 3, activation }), maxPool({ poolSize: 2 })]);
      const plain = conv2d({ filters: 3, kernelSize: 3, activation });
      const inputs = { x: noise(1, [1, 2, 4, 6, 2]), ...parametersOf(plain, [4, 6, 2], 2) };
      const pooled = (tensors: Readonly<Record<string, tf.Tensor>>): tf.Tensor => {
        const images: tf.Tensor4D = tf.reshape(applied(plain, [4, 6, 2])(tensors), [4, 4, 6, 3]);
        return tf.reshape(tf.maxPool(images, 2, 2, 'valid'), [2, 2, 2, 3, 3]);
      };
      const named = ({ x, ...rest }: Readonly<Record<string, tf.Tensor>>): tf.Tensor =>
        applied(
          layer,
          [4, 6, 2],
        )({ x: x!, '0.conv2d.kernel': rest['kernel']!, '0.conv2d.bias': rest['bias']! });
      const dy = noise(2, [2, 2, 2, 3, 3]);
      const [got, want] = [named, pooled].map((fn) => outputAndGradients(fn, inputs, dy));
      for (const [what, tensor] of Object.entries(want!)) assertNear(got![what]!, tensor, 1e-5, what);
    }
  });

  it('globalAveragePool averages over places, or over tokens', () => {
    const cases: [number[], number[]][] = [
      [
        [3, 2, 4],
        [2, 3],
      ],
      [[5, 4], [2]],
    ];
    for (const [shape, axes] of cases) {
      const x = noise(1, [2, 3, ...shape]);
      const fn = applied(globalAveragePool(), shape);
      const dy = noise(2, [2, 3, 4]);
      const { output, grad_x } = outputAndGradients(fn, { x }, dy);
      assert.deepEqual(globalAveragePool().build(shape).outputShape, [4]);
      assertNear(output!, tf.mean(x, axes.length === 2 ? [2, 3] : [2]), 1e-6, 'output');
      const places = shape.slice(0, -1).reduce((a, b) => a * b);
      const spread = tf.reshape(tf.div(dy, places), [2, 3, ...axes.map(() => 1), 4]);
      assertNear(grad_x!, tf.add(spread, tf.zerosLike(x)), 1e-6, 'gradient');
    }
  });

  it('refuses what it cannot take, and says why', () => {
    const refused: [Layer, number[], RegExp][] = [
      [
        maxPool({ poolSize: 2 }),
        [64],
        /^layers\.maxPool needs images of shape \[height, width, channels\] or sequences of shape .*, got \[64\]/,
      ],
      [
        maxPool({ poolSize: [2, 2] }),
        [64, 1],
        /^layers\.maxPool: options 'poolSize' and 'strides' must be one number, or 1 for inputs of shape \[64, 1\], got \[2, 2\]/,
      ],
      [
        averagePool({ poolSize: 9 }),
        [8, 8, 1],
        /^layers\.averagePool: a window of 9 x 9 does not fit into images of 8 x 8/,
      ],
      [
        globalAveragePool(),
        [7],
        /^layers\.globalAveragePool needs inputs of shape \[\.\.\., channels\].*got \[7\]/,
      ],
    ];
    for (const [layer, shape, message] of refused) {
      assert.throws(() => layer.build(shape), { name: 'CredenceError', code: 'E_SHAPE', message });
    }
    for (const [given, message] of [
      [{}, /option 'poolSize'/],
      [
        { poolSize: 0 },
        /option 'poolSize' must be a whole number of at least 1, or one for each axis, got 0/,
      ],
      [{ poolSize: 2, padding: 1 }, /option 'padding' must be/],
      [{ poolSize: 2, stride: 2 }, /unknown option 'stride'\. Did you mean 'strides'\?/],
    ] as const) {
      assert.throws(() => maxPool(given as unknown as PoolOptions), { code: 'E_OPTION', message });
    }
  });
});
