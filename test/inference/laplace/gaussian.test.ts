import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { likelihoods } from '../../../lib/distributions';
import { backend } from '../../../lib/engine/tfjs/backend';
import { differences, vectorsOf } from '../../../lib/inference/laplace/gaussian';
import { structures } from '../../../lib/inference/laplace/layout';
import { spectrumOf } from '../../../lib/inference/laplace/spectrum';
import { dense } from '../../../lib/layers';
import { sequential } from '../../../lib/layers/sequential';
import { assertClose } from '../../golden';
import { inputs, prepared } from './networks';

const DATA = 6;
const PRECISION = 0.5;
const model = sequential([dense({ units: 3, activation: 'tanh' }), dense({ units: 2 })]);
const { curvature, blocks } = prepared(model, likelihoods.categorical(), [2], []);
const data = { x: inputs([DATA, 2]), y: Int32Array.from({ length: DATA }, (_, i) => i % 2), yShape: [DATA] };

const rows = <T>(size: number, of: (i: number) => T): T[] => Array.from({ length: size }, (_, i) => of(i));
const unit = (size: number): number[] => rows(size * size, (i) => (i % (size + 1) === 0 ? 1 : 0));

describe('inference: the normal distribution of laplace', () => {
  before(() => void backend());

  for (const structure of structures) {
    it(`has the inverse of curvature and prior precision as its covariance: ${structure}`, async () => {
      const { sums } = await curvature(structure, data);
      blocks(structure).forEach((block, i) => {
        const { size, sides } = block;
        const own = sums[i]!;
        const curvatureAt = (row: number, column: number): number => {
          if (sides.length === 0) return row === column ? own[0]![row]! : 0;
          if (sides.length === 1) return own[0]![row * size + column]!;
          const [inputs, outputs] = sides as [number, number];
          const [a, b] = [row, column].map((at) => Math.floor(at / outputs)) as [number, number];
          const [c, d] = [row % outputs, column % outputs];
          return (own[0]![a * inputs + b]! * own[1]![c * outputs + d]!) / DATA;
        };
        const precision = rows(
          size * size,
          (at) => curvatureAt(Math.floor(at / size), at % size) + (at % (size + 1) === 0 ? PRECISION : 0),
        );
        const vectors = vectorsOf(spectrumOf(block, own, DATA), PRECISION, 1);
        const product = tf.tidy(() => {
          const tensors = vectors.map((values) => tf.tensor1d(values));
          // rows of the unit matrix go to the rows of a root of the covariance
          const root = differences(block, tensors, tf.tensor2d(unit(size), [size, size]));
          return tf.matMul(tf.matMul(root, root, true), tf.tensor2d(precision, [size, size])).dataSync();
        });
        assertClose(product, unit(size), 1e-4, `block ${i}`);
      });
      assert.ok(sums.length > 0);
    });
  }
});
