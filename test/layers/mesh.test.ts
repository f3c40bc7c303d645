import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { fit } from '../../lib/fit';
import { vi } from '../../lib/inference/vi';
import { likelihoods } from '../../lib/distributions';
import {
  dense,
  flatten,
  functional,
  gru,
  type Layer,
  lstm,
  swin,
  transformerDecoder,
} from '../../lib/layers';
import { convert } from '../../lib/layers/convert';
import { sequential } from '../../lib/layers/sequential';
import { ndarray, sizeOf } from '../../lib/ndarray';
import { adam } from '../../lib/optimizers';
import { foldIn, keyOf, normals } from '../../lib/threefry';
import '../problems'; // closes the pool after the last test

const ROWS = 8;
/** Of the largest parameter: what the order of a sum in single precision makes of it in a few steps. */
const TOLERANCE = 1e-5;

const noise = (stream: number, shape: readonly number[]) =>
  ndarray(Float32Array.from(normals(foldIn(keyOf(9), stream), sizeOf(shape))), [...shape]);

/** Models, with the shape of their inputs. They have one output. */
const models: Record<string, [Layer, number[]]> = {
  lstm: [sequential([lstm({ units: 3 }), dense({ units: 1 })]), [5, 2]],
  gru: [sequential([gru({ units: 3, returnSequences: true }), flatten(), dense({ units: 1 })]), [5, 2]],
  transformerDecoder: [
    sequential([
      transformerDecoder({ depth: 1, heads: 2, mlp: 6, queries: 2 }),
      flatten(),
      dense({ units: 1 }),
    ]),
    [3, 4],
  ],
  swin: [swin({ classes: 1, patch: 1, dim: 4, depths: [2], heads: [2], window: 2, mlpRatio: 1 }), [4, 4, 2]],
  'an own function': [
    functional({
      parameters: { amplitude: { shape: [1] }, frequency: { shape: [1], bayesian: false, initial: 3 } },
      apply: (x, { amplitude, frequency }) => tf.mul(amplitude, tf.sin(tf.mul(x, frequency))),
      outputShape: (inputShape) => inputShape,
    }),
    [1],
  ],
  'a converted model': [
    convert(
      sequential([
        dense({ units: 3, activation: 'tanh', bayesian: false }),
        dense({ units: 1, bayesian: false }),
      ]),
      {
        bayesian: (path) => path.startsWith('1.'),
      },
    ),
    [2],
  ],
};

describe('layers: learn the same on any mesh', () => {
  for (const [name, [model, shape]] of Object.entries(models)) {
    it(`${name}: three steps on 2 x 2 workers as on one, to ${TOLERANCE} of the largest parameter`, async () => {
      const [x, y] = [noise(1, [ROWS, ...shape]), noise(2, [ROWS, 1])];
      const learn = async (sample: number, data: number): Promise<ReadonlyMap<string, Float32Array>> => {
        const run = fit(
          model,
          { x, y },
          {
            method: vi({ samples: 4 }),
            likelihood: likelihoods.gaussian(),
            optimizer: adam(1e-2),
            batchSize: ROWS,
            epochs: 3,
            seed: 1,
            devices: 'all',
            strategy: { sample, data },
          },
        );
        return (await run.done).variables;
      };
      const [want, got] = [await learn(1, 1), await learn(2, 2)];
      for (const [name, values] of want) {
        const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        values.forEach((value, i) => {
          const off = Math.abs(got.get(name)![i]! - value) / largest;
          assert.ok(off <= TOLERANCE, `${name}[${i}] is off by ${off}`);
        });
      }
    });
  }
});
