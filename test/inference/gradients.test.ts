import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import type { Kind, Likelihood } from '../../lib/distributions/likelihood';
import { jit } from '../../lib/engine/compile/jit';
import { tensorflow } from '../../lib/engine/tfjs/tensorflow';
import { type EstimatorName, estimatorNames, estimators } from '../../lib/inference/families/estimators';
import type { Program } from '../../lib/inference/method';
import { vi } from '../../lib/inference/vi';
import type { Layer } from '../../lib/layers';
import { elbo } from '../../lib/objectives/elbo';
import type { NdArray } from '../../lib/ndarray';
import { sgd } from '../../lib/optimizers';
import { type Position, referenceNormals } from '../engine/noise';
import { BATCH, clouds, curves } from '../problems';
import { keysOf, startVectors, variablesOf, wholeBatch } from '../programs';

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

/** nll and its gradients by the compiled program: [nll], then those of the variables by name. */
function compiled(program: Program, problem: Problem): Map<string, ArrayLike<number>> {
  const run = jit((...[x, y, keys, ...vectors]: tf.Tensor[]) =>
    program.gradients(vectors, wholeBatch(x!, y!, keys!)),
  );
  const keys = keysOf(program, { ...POSITION, samples: LOCAL });
  const vectors = startVectors(program).map((values) => tf.tensor1d(values));
  const [nll, ...gradients] = run(...first(problem), keys, ...vectors).map((each) =>
    each.dataSync<'float32'>(),
  );
  return new Map([['nll', nll!], ...variablesOf(program, gradients)]);
}

/** Noise of this shape from this stream, in plain TypeScript. */
function noise(stream: number, shape: number[]): tf.Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(Float32Array.from(referenceNormals({ ...POSITION, stream }, LOCAL, size)), [
    LOCAL,
    ...shape,
  ]);
}

/**
 * nll and its gradients by tfjs, one operation at a time, from the formulas. Stream 0 has the noise of both kernels, stream 1 that of
 * the bias; the noise of a linear map itself comes after them.
 */
function reference(
  estimator: EstimatorName,
  problem: Problem,
  variables: ReadonlyMap<string, NdArray>,
): Map<string, tf.Tensor> {
  const [x, y] = first(problem);
  const loss = (...[m1, s1, mb, sb, m2, s2, ...rest]: tf.Tensor[]): tf.Scalar => {
    const sample = (mean: tf.Tensor, logStd: tf.Tensor, eps: tf.Tensor): tf.Tensor =>
      tf.add(tf.expandDims(mean, 0), tf.mul(tf.exp(logStd), tf.reshape(eps, [LOCAL, ...mean.shape])));
    const [eps1, eps2] = tf.split(noise(0, [m1!.size + m2!.size]), [m1!.size, m2!.size], 1);
    const linear = (
      input: tf.Tensor,
      [mean, logStd, eps]: [tf.Tensor, tf.Tensor, tf.Tensor],
      index: number,
    ): tf.Tensor => {
      if (estimator === 'weights') return tf.matMul(input, sample(mean, logStd, eps));
      const stream = 2 + index * estimators[estimator].streams;
      const center = tf.matMul(input, tf.expandDims(mean, 0));
      if (estimator === 'flipout') {
        const signs = (stream: number, length: number): tf.Tensor => {
          const isPositive = tf.greaterEqual(noise(stream, [BATCH, length]), 0);
          return tf.where(isPositive, tf.scalar(1), tf.scalar(-1));
        };
        const [inputs, outputs] = mean.shape as [number, number];
        const perturbation = tf.mul(tf.exp(logStd), noise(stream, mean.shape));
        const perturbed = tf.matMul(tf.mul(input, signs(stream + 1, inputs)), perturbation);
        return tf.add(center, tf.mul(perturbed, signs(stream + 2, outputs)));
      }
      const variance = tf.matMul(tf.square(input), tf.expandDims(tf.square(tf.exp(logStd)), 0));
      return tf.add(center, tf.mul(tf.sqrt(variance), noise(stream, [BATCH, mean.shape[1]!])));
    };
    const bias = tf.expandDims(sample(mb!, sb!, noise(1, mb!.shape)), 1);
    const hidden = tf.add(linear(tf.expandDims(x, 0), [m1!, s1!, eps1!], 0), bias);
    const outputs = linear(tf.tanh(hidden), [m2!, s2!, eps2!], 1);
    const share = { outputs, y, parameters: rest, samples: TOTAL, size: BATCH };
    return elbo(problem.likelihood).loss(share);
  };
  const tensors = Array.from(variables.values(), (values) => tf.tensor(values, [...values.shape]));
  const { value, grads } = tf.valueAndGrads(loss)(tensors);
  return new Map([['nll', value], ...[...variables.keys()].map((name, i) => [name, grads[i]!] as const)]);
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
    for (const estimator of estimatorNames) {
      it(`${name}, ${estimator}: to 2e-5 of the largest`, () => {
        const { model, likelihood, targetShape } = problem;
        const shape = { inputShape: [2], targetShape, size: 60, steps: 100, stepsPerEpoch: 10 };
        const method = vi({ samples: TOTAL, estimator, initialStd: 0.5 });
        const program = method.build({ model, likelihood, optimizer: sgd(), ...shape });
        const got = compiled(program, problem);
        const want = reference(estimator, problem, variablesOf(program, startVectors(program)));
        assert.deepEqual([...got.keys()], [...want.keys()]);
        for (const [name, tensor] of want) {
          const exact = tensor.dataSync<'float32'>();
          assert.equal(got.get(name)!.length, exact.length);
          const largest = Math.max(...exact.map(Math.abs));
          const difference = Math.max(...exact.map((value, i) => Math.abs(value - got.get(name)![i]!)));
          assert.ok(largest > 0, `the gradient of ${name} is zero`);
          assert.ok(difference < 2e-5 * largest, `${name}: off by ${difference} of ${largest}`);
        }
      });
    }
  }
});
