import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { likelihoods } from '../../lib/distributions';
import { backend } from '../../lib/engine/tfjs/backend';
import { ensemble } from '../../lib/inference/ensemble';
import { map } from '../../lib/inference/map';
import type { Method, Program } from '../../lib/inference/method';
import { vi } from '../../lib/inference/vi';
import { batchNorm, dense, flatten } from '../../lib/layers';
import { convert } from '../../lib/layers/convert';
import { sequential } from '../../lib/layers/sequential';
import { adam } from '../../lib/optimizers';
import { assertClose, flat, golden, type Golden } from '../golden';
import { keysOf, startVectors, variablesOf, wholeBatch } from '../programs';
import { refuses } from '../refuses';
import { applied, assertGolden, noise } from './evaluate';

interface Inputs {
  batches: Golden[];
  weight: number[];
  bias: number[];
  epsilon: number;
  momentum: number;
  grad_output: Golden;
}
type Results = 'output' | 'grad_x' | 'grad_scale' | 'grad_offset';
type Expected = Record<Results | 'running_mean' | 'running_var' | 'evaluated', Golden>;

const shapeOf = (value: Golden): number[] =>
  Array.isArray(value) ? [value.length, ...shapeOf((value as Golden[])[0]!)] : [];
const tensor = (value: Golden): tf.Tensor => tf.tensor(Float32Array.from(flat(value)), shapeOf(value));
/** Of a single sample. */
const one = (value: Golden): tf.Tensor => tf.expandDims(tensor(value), 0);

/** The vectors after a step for each batch of inputs. */
function trained(program: Program, batches: readonly tf.Tensor[]): Float32Array[] {
  let vectors: tf.Tensor[] = startVectors(program).map((values) => tf.tensor1d(values));
  let slots = vectors.flatMap((vector) => Array.from({ length: program.slots }, () => tf.zerosLike(vector)));
  const { samples } = program;
  batches.forEach((x, step) => {
    const keys = keysOf(program, { key: [3, 4], step, firstSample: 0, samples });
    const batch = wholeBatch(x, tf.zeros([x.shape[0], 1]), keys);
    const [, ...gradients] = program.gradients(vectors, batch);
    const [, ...next] = program.update(gradients, vectors, slots, tf.scalar(step + 1));
    [vectors, slots] = [next.slice(0, vectors.length), next.slice(vectors.length)];
  });
  return vectors.map((vector) => vector.dataSync<'float32'>());
}

describe('layers: batchNorm', () => {
  before(() => {
    backend();
  });

  for (const { name, inputs, expected, tolerance_f32 } of golden<Inputs, Expected>(
    'batchNorm',
    'batch_norm',
  )) {
    const { epsilon } = inputs;
    const options = { epsilon, momentum: 1 - inputs.momentum };
    const [, ...shape] = shapeOf(inputs.batches[0]!);
    const [scale, offset] = [() => one(inputs.weight), () => one(inputs.bias)];
    const { running_mean, running_var, evaluated, ...training } = expected;

    it(`batchNorm.json ${name}: output and all gradients in training`, () => {
      assertGolden(
        applied(batchNorm(options), shape),
        { x: one(inputs.batches.at(-1)!), scale: scale(), offset: offset() },
        { dy: one(inputs.grad_output), expected: training, tolerance: tolerance_f32 },
      );
    });

    it(`batchNorm.json ${name}: what predictions make of the running averages`, () => {
      const moving = { movingMean: one(running_mean), movingVariance: one(running_var) };
      const tensors = { x: one(inputs.batches[0]!), scale: scale(), offset: offset(), ...moving };
      assertClose(applied(batchNorm(options), shape)(tensors).dataSync(), evaluated, tolerance_f32);
    });

    const methods: [string, Method][] = [
      ['map', map()],
      ['vi', vi({ samples: 3 })],
      ['ensemble', ensemble({ members: 2 })],
    ];
    for (const [what, method] of methods) {
      it(`batchNorm.json ${name}: the running averages after some steps of ${what}`, () => {
        const program = method.build({
          model: sequential([batchNorm(options), flatten(), dense({ units: 1 })]),
          likelihood: likelihoods.gaussian(),
          optimizer: adam(0.1),
          inputShape: shape,
          targetShape: [1],
          size: 20,
          steps: 10,
          stepsPerEpoch: 5,
        });
        const variables = variablesOf(program, trained(program, inputs.batches.map(tensor)));
        const wanted = { movingMean: running_mean, movingVariance: running_var };
        for (const [name, want] of Object.entries(wanted)) {
          const got = variables.get(`0.batchNorm.${name}`)!;
          const channels = shape.at(-1)!;
          for (let member = 0; member < got.length; member += channels) {
            assertClose(got.slice(member, member + channels), want, tolerance_f32, name);
          }
        }
      });
    }
  }

  it('learns scale and offset as values, which may be left out; averages are never learned', () => {
    const common = { shape: [6], bayesian: false, fanIn: 6 };
    const moving = [
      { ...common, name: 'movingMean', initial: 0, isMoving: true },
      { ...common, name: 'movingVariance', initial: 1, isMoving: true },
    ];
    const { parameters, outputShape } = batchNorm().build([4, 4, 6]);
    assert.deepEqual(parameters, [
      { ...common, name: 'scale', initial: 1 },
      { ...common, name: 'offset', initial: 0 },
      ...moving,
    ]);
    assert.deepEqual(outputShape, [4, 4, 6]);
    assert.deepEqual(batchNorm({ scale: false, center: false }).build([6]).parameters, moving);
    const asked: string[] = [];
    const bayesian = (path: string): boolean => asked.push(path) > 0;
    const converted = convert(batchNorm(), { bayesian }).build([6]).parameters;
    assert.deepEqual(asked, ['scale', 'offset']);
    assert.deepEqual(
      converted.map(({ bayesian }) => bayesian),
      [true, true, false, false],
    );
  });

  it('refuses what it cannot take', () => {
    refuses(
      () => batchNorm({ momentum: 1 }),
      'E_OPTION',
      /'momentum' must be a number from 0 to below 1, got 1/,
    );
    refuses(
      () => applied(batchNorm(), [3])({ x: noise(1, [2, 1, 3]) }),
      'E_SHAPE',
      /at least 2 numbers of each channel in a batch, got 1: make batchSize larger/,
    );
  });
});
