import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { likelihoods } from '../../lib/distributions';
import { jit } from '../../lib/engine/compile/jit';
import { backend } from '../../lib/engine/tfjs/backend';
import { fit } from '../../lib/fit';
import { type EstimatorName, estimatorNames } from '../../lib/inference/families/estimators';
import { vi } from '../../lib/inference/vi';
import {
  averagePool,
  conv1d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  dense,
  depthwiseConv2d,
  dropout,
  embedding,
  flatten,
  globalAveragePool,
  globalMaxPool,
  groupNorm,
  type Layer,
  maxPool,
  rmsNorm,
  separableConv2d,
} from '../../lib/layers';
import { sequential } from '../../lib/layers/sequential';
import { ndarray } from '../../lib/ndarray';
import { adam } from '../../lib/optimizers';
import type { Mesh } from '../../lib/parallel/plan/mesh';
import '../problems';
import { keysOf, startVectors, wholeBatch } from '../programs';
import { assertNear, noise } from './evaluate';

const [ROWS, BATCH, SAMPLES] = [24, 12, 4];

const networks: Record<string, { shape: number[]; model: Layer }> = {
  sequences: {
    shape: [8, 2],
    model: sequential([
      conv1d({ filters: 4, kernelSize: 3, activation: 'relu' }),
      maxPool({ poolSize: 2 }),
      groupNorm({ groups: 2 }),
      dropout({ rate: 0.2 }),
      convTranspose1d({ filters: 3, kernelSize: 3, strides: 2 }),
      flatten(),
      dense({ units: 2 }),
    ]),
  },
  images: {
    shape: [6, 6, 2],
    model: sequential([
      depthwiseConv2d({ kernelSize: 3, multiplier: 2, activation: 'relu' }),
      separableConv2d({ filters: 4, kernelSize: 3, strides: 2 }),
      convTranspose2d({ filters: 3, kernelSize: 2, strides: 2 }),
      averagePool({ poolSize: 2 }),
      globalMaxPool(),
      dense({ units: 2 }),
    ]),
  },
  volumes: {
    shape: [4, 4, 4, 1],
    model: sequential([
      conv3d({ filters: 3, kernelSize: 3, strides: 2, activation: 'relu' }),
      convTranspose3d({ filters: 2, kernelSize: 2, strides: 2 }),
      globalAveragePool(),
      dense({ units: 2 }),
    ]),
  },
  tokens: {
    shape: [6],
    model: sequential([
      embedding({ vocabulary: 5, dim: 8 }),
      rmsNorm(),
      dropout({ rate: 0.3, always: true }),
      globalAveragePool(),
      dense({ units: 2 }),
    ]),
  },
};
type Name = keyof typeof networks;

const labels = Int32Array.from({ length: ROWS }, (_, i) => i % 2);

/** Noise about the number of the class; tokens are whole numbers from 0 to 4. */
function inputsOf(name: Name): Float32Array {
  const { shape } = networks[name]!;
  const size = shape.reduce((a, b) => a * b);
  const values = noise(5, [ROWS, ...shape]).dataSync<'float32'>();
  return Float32Array.from(values, (value, i) => {
    const around = value + labels[Math.floor(i / size)]!;
    return name === 'tokens' ? Math.min(4, Math.max(0, Math.round(around + 2))) : around;
  });
}

/** nll and gradients of a step, compiled or not. */
function gradients(name: Name, estimator: EstimatorName, compile: boolean): tf.Tensor[] {
  const { model, shape } = networks[name]!;
  const program = vi({ samples: SAMPLES, estimator, initialStd: 0.1 }).build({
    model,
    likelihood: likelihoods.categorical(),
    optimizer: adam(0.02),
    inputShape: shape,
    targetShape: [],
    size: ROWS,
    steps: 100,
    stepsPerEpoch: 10,
  });
  const step = (...[x, y, keys, ...vectors]: tf.Tensor[]): tf.Tensor[] =>
    program.gradients(vectors, wholeBatch(x!, y!, keys!));
  const keys = keysOf(program, { key: [3, 4], step: 1, firstSample: 0, samples: SAMPLES });
  const vectors = startVectors(program).map((values) => tf.tensor1d(values));
  const [x, y] = [tf.tensor(inputsOf(name), [ROWS, ...shape]), tf.tensor1d(labels, 'int32')];
  return (compile ? jit(step) : step)(x, y, keys, ...vectors);
}

async function train(
  name: Name,
  strategy: Mesh,
): Promise<{ nll: number[]; variables: ReadonlyMap<string, Float32Array> }> {
  const { model, shape } = networks[name]!;
  const data = { x: ndarray(inputsOf(name), [ROWS, ...shape]), y: ndarray(labels, [ROWS]) };
  const run = fit(model, data, {
    method: vi({ samples: SAMPLES, initialStd: 0.1 }),
    likelihood: likelihoods.categorical(),
    optimizer: adam(0.02),
    epochs: 10,
    batchSize: BATCH,
    seed: 2,
    devices: 'all',
    strategy,
  });
  const { variables } = await run.done;
  return { nll: Array.from(run.history.nll), variables };
}

describe('layers: a training step', () => {
  before(() => {
    backend();
  });

  for (const name of Object.keys(networks)) {
    for (const estimator of estimatorNames) {
      it(`${name}, ${estimator}: compiled, it is what tfjs computes operation by operation`, () => {
        const [got, want] = [true, false].map((compile) => gradients(name, estimator, compile));
        want!.forEach((tensor, i) => assertNear(got![i]!, tensor, 2e-5, `result ${i}`));
        assert.ok(want!.slice(1).every((gradient) => tf.max(tf.abs(gradient)).dataSync()[0]! > 0));
      });
    }
  }

  for (const name of Object.keys(networks)) {
    it(`${name}: learns the same on a mesh of 2 x 2 as on one worker, to 1e-4 of the largest`, async () => {
      const alone = await train(name, { sample: 1, data: 1 });
      const mesh = await train(name, { sample: 2, data: 2 });
      assert.ok(alone.nll.at(-1)! < alone.nll[0]!, `${alone.nll[0]} to ${alone.nll.at(-1)}`);
      for (const [variable, want] of alone.variables) {
        const got = mesh.variables.get(variable)!;
        const largest = want.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
        const off = want.reduce((max, value, i) => Math.max(max, Math.abs(value - got[i]!)), 0);
        assert.ok(off <= 1e-4 * largest, `${variable}: off by ${off} of ${largest}`);
      }
    });
  }
});
