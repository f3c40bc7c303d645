import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { likelihoods } from '../../../lib/distributions';
import { backend } from '../../../lib/engine/tfjs/backend';
import { datumGradients } from '../../../lib/inference/laplace/jacobian';
import { tangentOf } from '../../../lib/inference/laplace/tangent';
import {
  conv2d,
  convTranspose2d,
  dense,
  flatten,
  layerNorm,
  lstm,
  maxPool,
  multiHeadAttention,
  patchEmbedding,
} from '../../../lib/layers';
import type { Layer } from '../../../lib/layers/layer';
import { sequential } from '../../../lib/layers/sequential';
import { assertClose } from '../../golden';
import { refuses } from '../../refuses';
import { inputs, prepared } from './networks';

const [SAMPLES, DATA, OUTPUTS] = [4, 5, 3];
const head = [flatten(), dense({ units: OUTPUTS })];
const models: [string, Layer, number[]][] = [
  [
    'dense layers and norms',
    sequential([dense({ units: 8, activation: 'tanh' }), layerNorm(), ...head]),
    [3],
  ],
  [
    'convolutions',
    sequential([
      conv2d({ filters: 3, kernelSize: 3, activation: 'relu' }),
      maxPool({ poolSize: 2 }),
      conv2d({ filters: 2, kernelSize: 2, bias: false }),
      convTranspose2d({ filters: 2, kernelSize: 2 }),
      ...head,
    ]),
    [4, 4, 2],
  ],
  ['recurrent layers', sequential([lstm({ units: 2 }), ...head]), [3, 2]],
  [
    'attention to patches',
    sequential([patchEmbedding({ patch: 2, dim: 8 }), multiHeadAttention({ heads: 2 }), ...head]),
    [4, 4, 1],
  ],
];

describe('inference: the tangent of laplace', () => {
  before(() => void backend());

  for (const [name, model, shape] of models) {
    it(`is the Jacobian times the changes: ${name}`, () => {
      const { net, vectors, products, outputs } = prepared(model, likelihoods.categorical(), shape, []);
      const places = [...net.weights.keys()];
      const tangent = tangentOf(net, products, places, outputs);
      tf.tidy(() => {
        const x = tf.tensor(inputs([DATA, ...shape]), [DATA, ...shape]);
        const parts = net.cut(vectors.map((values) => tf.tensor1d(values)));
        const changes = places.map((place) => {
          const { size } = parts[place]!;
          return tf.tensor2d(inputs([SAMPLES, size]), [SAMPLES, size]);
        });
        const units = tf.tile(tf.expandDims(tf.eye(OUTPUTS), 0), [DATA, 1, 1]);
        const jacobian = datumGradients(net, parts, places, x, units);
        const want = tf.matMul(tf.concat(changes, 1), jacobian, false, true);
        const got = tangent(parts, x, changes);
        assert.deepEqual(got.shape, [SAMPLES, DATA, OUTPUTS]);
        assertClose(got.dataSync(), [...want.dataSync()], 1e-5);
      });
    });
  }

  it('is refused where it would not fit into memory', () => {
    const model = sequential([dense({ units: 60_000 }), dense({ units: OUTPUTS })]);
    const { net, products } = prepared(model, likelihoods.categorical(), [10], []);
    refuses(() => tangentOf(net, products, [0, 1, 2, 3], 10), 'E_OPTION', /use over: 'last'/);
  });
});
