import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { likelihoods } from '../../../lib/distributions';
import { datumGradients } from '../../../lib/inference/laplace/jacobian';
import { spectrumOf } from '../../../lib/inference/laplace/spectrum';
import {
  conv1d,
  conv2d,
  convTranspose2d,
  dense,
  flatten,
  globalAveragePool,
  layerNorm,
  lstm,
  multiHeadAttention,
} from '../../../lib/layers';
import { sequential } from '../../../lib/layers/sequential';
import { backend } from '../../../lib/engine/tfjs/backend';
import { type NdArray, sizeOf } from '../../../lib/ndarray';
import { assertClose } from '../../golden';
import { inputs, prepared } from './networks';

const labels = (x: NdArray, classes: number) => ({
  x,
  y: Int32Array.from({ length: x.shape[0]! }, (_, i) => i % classes),
  yShape: [x.shape[0]!],
});

const rows = <T>(size: number, of: (i: number) => T): T[] => Array.from({ length: size }, (_, i) => of(i));

/** Rows and columns [from, from + size) of a matrix. */
const corner = (matrix: Float64Array, from: number, size: number): number[] => {
  const side = Math.sqrt(matrix.length);
  return rows(size * size, (i) => matrix[(from + Math.floor(i / size)) * side + from + (i % size)]!);
};

/** A (x) G / count */
function product(a: Float64Array, g: Float64Array, count: number): number[] {
  const [inner, outer] = [Math.sqrt(g.length), Math.sqrt(a.length)];
  const side = inner * outer;
  return rows(side * side, (at) => {
    const [i, j] = [Math.floor(at / side), at % side];
    const ofA = a[Math.floor(i / inner) * outer + Math.floor(j / inner)]!;
    return (ofA * g[(i % inner) * inner + (j % inner)]!) / count;
  });
}

const perceptron = sequential([dense({ units: 4, activation: 'tanh' }), layerNorm(), dense({ units: 3 })]);
const convolutional = sequential([
  conv2d({ filters: 2, kernelSize: 3, activation: 'tanh' }),
  flatten(),
  dense({ units: 3 }),
]);

describe('inference: the curvature of laplace', () => {
  before(() => void backend());

  it('is made of gradients of single data: as finite differences', () => {
    for (const [model, shape] of [
      [perceptron, [2]],
      [convolutional, [4, 4, 2]],
    ] as const) {
      const { net, vectors } = prepared(model, likelihoods.categorical(), shape, []);
      tf.tidy(() => {
        const x = tf.tensor(inputs([5, ...shape]), [5, ...shape]);
        const parts = net.cut(vectors.map((values) => tf.tensor1d(values)));
        const places = [...net.weights.keys()];
        const units = tf.tile(tf.expandDims(tf.eye(3), 0), [5, 1, 1]);
        const jacobian = datumGradients(net, parts, places, x, units);
        let column = 0;
        for (const place of places) {
          const values = parts[place]!.dataSync();
          for (const i of values.keys()) {
            const [up, down] = [0.01, -0.01].map((step) => {
              const moved = [...parts];
              const part = Float32Array.from(values, (value, j) => value + (i === j ? step : 0));
              moved[place] = tf.tensor2d(part, [1, values.length]);
              return net.outputs(moved, tf.expandDims(x, 0));
            });
            const want = tf.div(tf.sub(up!, down!), 0.02).dataSync();
            const got = tf.slice(jacobian, [0, column++], [15, 1]).dataSync();
            assertClose(got, [...want], 1e-3, net.weights[place]!.name);
          }
        }
      });
    }
  });

  it('has the diagonal of the full matrix as its diagonal', async () => {
    const { curvature, blocks, net } = prepared(perceptron, likelihoods.categorical(), [2], []);
    const data = labels(inputs([7, 2]), 3);
    const [full] = (await curvature('full', data)).sums[0]!;
    const { sums } = await curvature('diagonal', data);
    const side = Math.sqrt(full!.length);
    const places = blocks('diagonal').flatMap((block, i) => {
      const sizes = block.places.map((place) => sizeOf(net.weights[place]!.shape));
      let from = 0;
      return block.places.map((place, j) => {
        from += sizes[j]!;
        return { place, values: sums[i]![0]!.slice(from - sizes[j]!, from) };
      });
    });
    const diagonal = places.sort((a, b) => a.place - b.place).flatMap(({ values }) => [...values]);
    assertClose(
      diagonal,
      rows(side, (i) => full![i * side + i]!),
      1e-6,
    );
  });

  it('is a sum over the data, however many are taken at a time', async () => {
    const { curvature } = prepared(perceptron, likelihoods.categorical(), [2], []);
    const x = inputs([700, 2]);
    const part = (from: number, to: number) => {
      const y = Int32Array.from({ length: to - from }, (_, i) => (from + i) % 3);
      const values = Object.assign(x.slice(2 * from, 2 * to), { shape: [to - from, 2] });
      return { x: values, y, yShape: [to - from] };
    };
    for (const structure of ['full', 'diagonal', 'kronecker'] as const) {
      const of = (from: number, to: number) => curvature(structure, part(from, to));
      const [whole, ...parts] = [await of(0, 700), await of(0, 1), await of(1, 300), await of(300, 700)];
      const sum = (figure: (part: (typeof parts)[number]) => number): number =>
        parts.reduce((total, each) => total + figure(each), 0);
      assertClose(
        whole.nll,
        sum(({ nll }) => nll),
        1e-5,
      );
      whole.sums.forEach((block, i) =>
        block.forEach((values, j) =>
          assertClose(
            values,
            rows(values.length, (k) => sum(({ sums }) => sums[i]![j]![k]!)),
            1e-5,
          ),
        ),
      );
    }
  });

  it('is the Kronecker product for one datum, for each layer with its bias', async () => {
    const model = sequential([dense({ units: 4, activation: 'tanh' }), dense({ units: 3 })]);
    const { curvature, blocks } = prepared(model, likelihoods.categorical(), [2], []);
    const data = labels(inputs([1, 2]), 3);
    const [full] = (await curvature('full', data)).sums[0]!;
    const { sums } = await curvature('kronecker', data);
    let from = 0;
    blocks('kronecker').forEach(({ size }, i) => {
      const [a, g] = sums[i]!;
      assertClose(product(a!, g!, 1), corner(full!, from, size), 1e-6, `layer ${i}`);
      from += size;
    });
    assert.equal(from ** 2, full!.length);
  });

  it('has the factors of a convolution over its places', async () => {
    // outputs are means over 3 places: each passes a third of the gradient on
    const model = sequential([conv1d({ filters: 2, kernelSize: 2, padding: 'valid' }), globalAveragePool()]);
    const { curvature, blocks } = prepared(model, likelihoods.gaussian({ noise: 0.5 }), [4, 1], [2]);
    const x = inputs([2, 4, 1]);
    const { sums } = await curvature('kronecker', { x, y: new Float32Array(4), yShape: [2, 2] });
    const patches = [0, 1, 2, 4, 5, 6].map((i) => [x[i]!, x[i + 1]!, 1]);
    const a = rows(9, (i) =>
      patches.reduce((sum, patch) => sum + patch[Math.floor(i / 3)]! * patch[i % 3]!, 0),
    );
    assertClose(sums[0]![0], a, 1e-6, 'inputs');
    assertClose(sums[0]![1], [8 / 3, 0, 0, 8 / 3], 1e-6, 'outputs'); // 2 data, 3 places, (1/3)^2, precision 4
    const [block] = blocks('kronecker');
    const { eigenvalues } = spectrumOf(block!, sums[0]!, 2);
    const trace = ((a[0]! + a[4]! + a[8]!) * (16 / 3)) / 6;
    assertClose(
      eigenvalues.reduce((sum, value) => sum + value, 0),
      trace,
      1e-6,
      'trace',
    );
  });

  it('takes weights that are no kernel of one product for independent', () => {
    const sidesOf = (model: Parameters<typeof prepared>[0], shape: number[]) =>
      prepared(model, likelihoods.categorical(), shape, [])
        .blocks('kronecker')
        .map(({ sides }) => [...sides]);
    const head = [flatten(), dense({ units: 3 })];
    assert.deepEqual(sidesOf(sequential([dense({ units: 4 }), ...head]), [2]), [
      [3, 4],
      [5, 3],
    ]);
    assert.deepEqual(
      sidesOf(sequential([conv2d({ filters: 4, kernelSize: 3, groups: 2 }), ...head]), [2, 2, 2]),
      [[17, 3], []],
    );
    assert.deepEqual(
      sidesOf(sequential([convTranspose2d({ filters: 2, kernelSize: 2 }), ...head]), [2, 2, 2]).at(-1),
      [],
    );
    assert.deepEqual(sidesOf(sequential([lstm({ units: 2 }), ...head]), [3, 2]).at(-1), []);
    assert.deepEqual(sidesOf(sequential([multiHeadAttention({ heads: 2 }), ...head]), [3, 4]), [
      [5, 12],
      [5, 4],
      [13, 3],
    ]);
  });
});
