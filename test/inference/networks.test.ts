import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { likelihoods } from '../../lib/distributions';
import { backend } from '../../lib/engine/tfjs/backend';
import { jit } from '../../lib/engine/compile/jit';
import { type EstimatorName, estimatorNames } from '../../lib/inference/families/estimators';
import { vi } from '../../lib/inference/vi';
import { conv2d, dense, flatten, type Layer, maxPool, vit } from '../../lib/layers';
import { sequential } from '../../lib/layers/sequential';
import { adam } from '../../lib/optimizers';
import { noise } from '../layers/evaluate';
import { keysOf, startVectors, wholeBatch } from '../programs';

const [BATCH, SAMPLES, STEPS] = [16, 4, 60];
const SHAPE = [8, 8, 1];

const networks: Record<string, Layer> = {
  'a small CNN': sequential([
    conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }),
    maxPool({ poolSize: 2 }),
    conv2d({ filters: 6, kernelSize: 3, activation: 'relu' }),
    maxPool({ poolSize: 2 }),
    flatten(),
    dense({ units: 2 }),
  ]),
  'a small ViT': vit({ patch: 4, dim: 8, depth: 1, heads: 2, mlp: 12, classes: 2 }),
};

/** Images of noise with a bright column or a bright row: the classes. */
function images(): [x: tf.Tensor, y: tf.Tensor] {
  const labels = Int32Array.from({ length: BATCH }, (_, i) => i % 2);
  const x = noise(1, [BATCH, ...SHAPE])
    .mul(0.3)
    .arraySync() as number[][][][];
  x.forEach((image, i) => {
    for (let j = 0; j < 8; j++) {
      const [row, column] = labels[i] === 1 ? [i % 7, j] : [j, i % 5];
      image[row]![column]![0]! += 2;
    }
  });
  return [tf.tensor4d(x), tf.tensor1d(labels, 'int32')];
}

/** The loss at each step of training. */
function train(model: Layer, estimator: EstimatorName, compile: boolean, steps: number): number[] {
  const program = vi({ samples: SAMPLES, estimator, initialStd: 0.1, klWeight: 0.1 }).build({
    model,
    likelihood: likelihoods.categorical(),
    optimizer: adam(0.02),
    inputShape: SHAPE,
    targetShape: [],
    size: 1000,
    steps: 100,
    stepsPerEpoch: 10,
  });
  const { vectors, slots } = program;
  const advance = (...[x, y, keys, count, ...state]: tf.Tensor[]): tf.Tensor[] => {
    const values = state.slice(0, vectors.length);
    const [nll, ...gradients] = program.gradients(values, wholeBatch(x!, y!, keys!));
    const [, ...next] = program.update(gradients, values, state.slice(vectors.length), count!);
    return [nll!, ...next];
  };
  const run = compile ? jit(advance) : advance;
  const data = images();
  let state: tf.Tensor[] = startVectors(program).map((values) => tf.tensor1d(values));
  state.push(...vectors.flatMap(({ length }) => Array.from({ length: slots }, () => tf.zeros([length]))));
  return Array.from({ length: steps }, (_, step) => {
    const keys = keysOf(program, { key: [3, 4], step, firstSample: 0, samples: SAMPLES });
    const [nll, ...next] = tf.tidy(() => run(...data, keys, tf.scalar(step + 1), ...state));
    tf.dispose([keys, ...state]);
    state = next;
    return nll!.dataSync()[0]!;
  });
}

describe('inference: vi trains networks for images', () => {
  before(() => {
    backend();
  });

  for (const [name, model] of Object.entries(networks)) {
    for (const estimator of estimatorNames) {
      it(`${name} with ${estimator}: the loss falls to a third in ${STEPS} steps`, () => {
        const losses = train(model, estimator, true, STEPS);
        const last = losses.slice(-5).reduce((a, b) => a + b) / 5;
        assert.ok(losses[0]! > 0.5, `the first loss is ${losses[0]}`);
        assert.ok(last < losses[0]! / 3, `from ${losses[0]} to ${last}`);
      });
    }

    it(`${name}: three steps without compiling give the same losses`, () => {
      const [compiled, eager] = [true, false].map((compile) => train(model, 'weights', compile, 3));
      compiled!.forEach((loss, i) =>
        assert.ok(Math.abs(loss - eager![i]!) < 1e-4 * loss, `${loss}, ${eager![i]}`),
      );
    });
  }
});
