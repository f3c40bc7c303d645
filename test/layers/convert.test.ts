import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { convert } from '../../lib/layers/convert';
import { backend } from '../../lib/engine/tfjs/backend';
import { dense, layerNorm, type Layer, lstm, swin, transformerDecoder, vit } from '../../lib/layers';
import { sequential } from '../../lib/layers/sequential';
import { summary } from '../../lib/layers/summary';
import { refuses } from '../refuses';
import { applied, assertNear, assertSamplesApart, noise, parametersOf } from './evaluate';

const plain = sequential([
  dense({ units: 4, activation: 'tanh', bayesian: false }),
  layerNorm(),
  dense({ units: 2, bayesian: false }),
]);
const bayesianIn = (model: Layer, shape = [3]): string[] =>
  model
    .build(shape)
    .parameters.filter(({ bayesian }) => bayesian)
    .map(({ name }) => name);

describe('layers: convert', () => {
  before(() => {
    backend();
  });

  it('makes a deterministic model Bayesian, but for the norms', () => {
    assert.deepEqual(bayesianIn(plain), []);
    assert.deepEqual(bayesianIn(convert(plain, { bayesian: true })), [
      '0.dense.kernel',
      '0.dense.bias',
      '2.dense.kernel',
      '2.dense.bias',
    ]);
    assert.deepEqual(bayesianIn(plain), [], 'the model given stays as it is');
  });

  it('there and back is the model, whatever it is made of', () => {
    const makers: [(bayesian: boolean) => Layer, number[]][] = [
      [(bayesian) => vit({ patch: 2, dim: 8, depth: 1, heads: 2, mlp: 6, classes: 2, bayesian }), [4, 4, 1]],
      [(bayesian) => swin({ dim: 8, heads: [2, 2], bayesian }), [16, 16, 1]],
      [(bayesian) => transformerDecoder({ depth: 1, heads: 2, mlp: 6, queries: 2, bayesian }), [3, 4]],
      [(bayesian) => lstm({ units: 3, bayesian }), [5, 2]],
    ];
    for (const [make, shape] of makers) {
      const parameters = (layer: Layer) => layer.build(shape).parameters;
      assert.deepEqual(parameters(convert(make(false), { bayesian: true })), parameters(make(true)));
      assert.deepEqual(parameters(convert(make(true), { bayesian: false })), parameters(make(false)));
    }
  });

  it('makes the layers Bayesian that a function of paths chooses', () => {
    const last = convert(plain, { bayesian: (path) => path.startsWith('2.') });
    assert.deepEqual(bayesianIn(last), ['2.dense.kernel', '2.dense.bias']);
    const norms = convert(convert(plain, { bayesian: true }), {
      bayesian: (path) => path.includes('layerNorm'),
    });
    assert.deepEqual(bayesianIn(norms), ['1.layerNorm.scale', '1.layerNorm.offset']);
    const { rows } = summary(last, [3]);
    assert.deepEqual(
      rows.map(({ bayesian }) => bayesian),
      [10, 0, 0, 10],
    );
    const nested = convert(sequential([plain, dense({ units: 1 })]), {
      bayesian: (path) => path === '0.sequential.0.dense.kernel',
    });
    assert.deepEqual(
      summary(nested, [3]).rows.map(({ path, bayesian }) => `${path}: ${bayesian}`),
      [
        'sequential: 12',
        '0.sequential: 12',
        '0.sequential.0.dense: 12',
        '0.sequential.1.layerNorm: 0',
        '0.sequential.2.dense: 0',
        '1.dense: 0',
      ],
    );
  });

  it('computes the same, with samples of some weights only', () => {
    const model = convert(plain, { bayesian: (path) => path === '0.dense.kernel' });
    const values = parametersOf(plain, [3], 2);
    const x = noise(1, [1, 4, 3]);
    assertNear(applied(model, [3])({ x, ...values }), applied(plain, [3])({ x, ...values }), 0, 'output');
    const few = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        name === '0.dense.kernel' ? value : tf.slice(value, 0, 1),
      ]),
    );
    assert.deepEqual(applied(model, [3])({ x, ...few }).shape, [2, 4, 2]);
    assertSamplesApart(model, [3], [1, 2]);
  });

  it('refuses what it cannot take, and says why', () => {
    refuses(
      () => convert(3 as never, { bayesian: true }),
      'E_OPTION',
      /^convert: the first argument must be a model/,
    );
    refuses(() => convert(plain, {} as never), 'E_OPTION', /^convert: option 'bayesian' is missing/);
    refuses(
      () => convert(plain, { bayesian: 'all' as never }),
      'E_OPTION',
      /^convert: option 'bayesian' must be true, false or a function of paths, got "all"/,
    );
    refuses(
      () => convert(plain, { bayesian: (() => undefined) as never }).build([3]),
      'E_OPTION',
      /must give true or false for each path, and gave undefined for '0\.dense\.kernel'/,
    );
  });
});
