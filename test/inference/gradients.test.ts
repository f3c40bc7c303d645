import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import type { Kind, Likelihood } from '../../lib/distributions/likelihood';
import { jit } from '../../lib/engine/jit';
import { tensorflow } from '../../lib/engine/tensorflow';
import type { EstimatorName } from '../../lib/inference/estimators';
import type { Program } from '../../lib/inference/method';
import { vi } from '../../lib/inference/vi';
import type { Layer } from '../../lib/layers';
import { expectedNll } from '../../lib/objectives/elbo';
import { sgd } from '../../lib/optimizers';
import { type Position, referenceNormals } from '../engine/noise';
import { BATCH, clouds, curves } from '../problems';

const POSITION: Position = { key: [11, 22], step: 5, stream: 0, firstSample: 3 };
/** Samples 3, 4 and 5 of 6: the share of one of two workers. */
const [LOCAL, TOTAL] = [3, 6];

interface Problem {
  model: Layer;
  likelihood: Likelihood<Kind>;
  train: { x: Float32Array; y: Float32Array | Int32Array };
  targetShape: number[];
}

const first = ({ train: { x, y }, targetShape }: Problem): [x: tf.Tensor, y: tf.Tensor] => [
  tf.tensor(x.slice(0, 2 * BATCH), [BATCH, 2]),
  tf.tensor(
    y.slice(0, (BATCH * y.length) / 60),
    [BATCH, ...targetShape],
    y instanceof Int32Array ? 'int32' : 'float32',
  ),
];

/** nll and its gradients by the compiled program. */
function compiled(program: Program, problem: Problem, variables: tf.Tensor[]): tf.Tensor[] {
  const { key, step, firstSample } = POSITION;
  const int = (value: number): tf.Tensor => tf.scalar(value, 'int32');
  const run = jit((...[x, y, key, step, firstSample, ...values]: tf.Tensor[]) =>
    program.gradients(
      values,
      { x: x!, y: y!, position: { key: key!, step: step!, firstSample: firstSample! } },
      LOCAL,
    ),
  );
  const keyTensor = tf.tensor1d(Int32Array.from(key), 'int32');
  return run(...first(problem), keyTensor, int(step), int(firstSample), ...variables);
}

/** Noise of this shape for the variable at this place, in plain TypeScript. */
function noise(stream: number, shape: number[]): tf.Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(Float32Array.from(referenceNormals({ ...POSITION, stream }, LOCAL, size)), [
    LOCAL,
    ...shape,
  ]);
}

/** nll and its gradients by tfjs, one operation at a time, from the formulas. */
function reference(estimator: EstimatorName, problem: Problem, variables: tf.Tensor[]): tf.Tensor[] {
  const [x, y] = first(problem);
  const units = variables[4]!.shape[1]!;
  const loss = (...[m1, s1, mb, sb, m2, s2, ...rest]: tf.Tensor[]): tf.Scalar => {
    const sample = (mean: tf.Tensor, logStd: tf.Tensor, stream: number): tf.Tensor =>
      tf.add(tf.expandDims(mean, 0), tf.mul(tf.exp(logStd), noise(stream, mean.shape)));
    const linear = (
      input: tf.Tensor,
      mean: tf.Tensor,
      logStd: tf.Tensor,
      stream: number,
      outputs: number,
    ): tf.Tensor => {
      if (estimator === 'weights') return tf.matMul(input, sample(mean, logStd, stream));
      const variance = tf.matMul(tf.square(input), tf.expandDims(tf.square(tf.exp(logStd)), 0));
      const center = tf.matMul(input, tf.expandDims(mean, 0));
      return tf.add(center, tf.mul(tf.sqrt(variance), noise(stream, [BATCH, outputs])));
    };
    const hidden = tf.add(linear(tf.expandDims(x, 0), m1!, s1!, 0, 4), tf.expandDims(sample(mb!, sb!, 2), 1));
    const outputs = linear(tf.tanh(hidden), m2!, s2!, 4, units);
    return expectedNll(problem.likelihood, outputs, y, rest, TOTAL);
  };
  const { value, grads } = tf.valueAndGrads(loss)(variables);
  return [value, ...grads];
}

describe('inference: the gradients of vi, compiled, equal those of tfjs with the noise of plain TypeScript', () => {
  before(() => {
    tensorflow();
  });

  const problems: [string, Problem][] = [
    ['classification', { ...clouds, targetShape: [] }],
    ['regression', { ...curves, targetShape: [2] }],
  ];
  for (const [name, problem] of problems) {
    for (const estimator of ['weights', 'local'] as const) {
      it(`${name}, ${estimator}: to 2e-5 of the largest`, () => {
        const { model, likelihood, targetShape } = problem;
        const shape = { inputShape: [2], targetShape, size: 60 };
        const method = vi({ samples: TOTAL, estimator, initialStd: 0.5 });
        const program = method.build({ model, likelihood, optimizer: sgd(), ...shape });
        const variables = program.variables.map(({ initial, shape }) => tf.tensor(initial(1), [...shape]));
        const [got, want] = [compiled(program, problem, variables), reference(estimator, problem, variables)];
        assert.equal(got.length, 1 + variables.length);
        got.forEach((tensor, i) => {
          assert.deepEqual(tensor.shape, want[i]!.shape);
          const largest = tf.max(tf.abs(want[i]!)).dataSync()[0]!;
          const difference = tf.max(tf.abs(tf.sub(tensor, want[i]!))).dataSync()[0]!;
          const what = i === 0 ? 'nll' : program.variables[i - 1]!.name;
          assert.ok(largest > 0, `the gradient of ${what} is zero`);
          assert.ok(difference < 2e-5 * largest, `${what}: off by ${difference} of ${largest}`);
        });
      });
    }
  }
});
