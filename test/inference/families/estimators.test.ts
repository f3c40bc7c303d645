import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { likelihoods } from '../../../lib/distributions';
import { jit } from '../../../lib/engine/compile/jit';
import { backend } from '../../../lib/engine/tfjs/backend';
import {
  type EstimatorName,
  estimatorNames,
  estimators,
  flip,
} from '../../../lib/inference/families/estimators';
import { sampleNormal, standardNormals } from '../../../lib/inference/families/sampling';
import { vi } from '../../../lib/inference/vi';
import { dense } from '../../../lib/layers';
import { convolve } from '../../../lib/layers/convolve';
import { sgd } from '../../../lib/optimizers';
import { noiseKeys } from '../../../lib/streams';
import { assertClose, golden, type Golden } from '../../golden';
import { assertGolden, assertNear, noise, outputAndGradients } from '../../layers/evaluate';
import { curves } from '../../problems';
import { keysOf, startVectors, wholeBatch } from '../../programs';

const STEPS = 300;
const ROWS = 12;

/** Mean and variance over the steps of the gradient of each number of the kernel: its means, then its log standard deviations. */
function statistics(estimator: EstimatorName): { mean: number[]; variance: number[] } {
  const program = vi({ samples: 4, estimator, initialStd: 1 }).build({
    model: dense({ units: 1, bias: false, activation: 'tanh' }),
    likelihood: likelihoods.gaussian({ noise: 0.5 }),
    optimizer: sgd(),
    inputShape: [2],
    targetShape: [1],
    size: ROWS,
    steps: 100,
    stepsPerEpoch: 10,
  });
  const run = jit((...[x, y, keys, ...vectors]: tf.Tensor[]) =>
    program.gradients(vectors, wholeBatch(x!, y!, keys!)),
  );
  const { x, y } = curves.train;
  const data = [
    tf.tensor2d(x.slice(0, 2 * ROWS), [ROWS, 2]),
    tf.tensor2d(y.filter((_, i) => i % 2 === 0).slice(0, ROWS), [ROWS, 1]),
  ];
  const vectors = startVectors(program).map((values) => tf.tensor1d(values));
  const gradients = Array.from({ length: STEPS }, (_, step) =>
    tf.tidy(() => {
      const keys = keysOf(program, { key: [5, 6], step, firstSample: 0, samples: 4 });
      const results = run(...data, keys, ...vectors);
      return results.slice(1).flatMap((gradient) => Array.from(gradient.dataSync()));
    }),
  );
  const mean = gradients[0]!.map((_, i) => gradients.reduce((sum, each) => sum + each[i]!, 0) / STEPS);
  const variance = mean.map(
    (m, i) => gradients.reduce((sum, each) => sum + (each[i]! - m) ** 2, 0) / (STEPS - 1),
  );
  return { mean, variance };
}

describe('inference: estimators', () => {
  const all = {} as Record<EstimatorName, ReturnType<typeof statistics>>;
  before(() => {
    backend();
    for (const name of estimatorNames) all[name] = statistics(name);
  });

  for (const name of ['local', 'flipout'] as const) {
    it(`${name} has the mean gradient of weight sampling: within 4.5 standard errors of the difference`, () => {
      const { weights, [name]: other } = all;
      weights.mean.forEach((mean, i) => {
        const error = Math.sqrt((weights.variance[i]! + other.variance[i]!) / STEPS);
        assert.ok(
          Math.abs(mean - other.mean[i]!) < 4.5 * error,
          `gradient ${i}: ${mean} and ${other.mean[i]}, error ${error}`,
        );
      });
    });
  }

  it('local reparameterisation has less than half the variance, and Flipout lies between', () => {
    const [weights, local, flipout] = (['weights', 'local', 'flipout'] as const).map((name) =>
      all[name].variance.reduce((a, b) => a + b),
    );
    assert.ok(local! < weights! / 2, `${local} and ${weights}`);
    assert.ok(local! < flipout! && flipout! < weights! / 1.5, `${local}, ${flipout} and ${weights}`);
  });
});

type Matrix = number[][];
interface LocalInputs {
  x: Matrix;
  mu: Matrix;
  log_std: Matrix;
  eps: Matrix;
  b_mu: number[];
  b_log_std: number[];
  grad_output: Matrix;
}
interface FlipoutInputs {
  x: Matrix;
  mu: Matrix;
  log_std: Matrix;
  eps: Matrix;
  sign_in: Matrix;
  sign_out: Matrix;
  grad_output: Matrix;
}
type Expected = Readonly<Record<string, Golden>>;
type Tensors = Readonly<Record<string, tf.Tensor>>;

const one = (list: Matrix): tf.Tensor => tf.expandDims(tf.tensor2d(list), 0);

/** Local reparameterisation of a dense layer by its formula, with this noise. */
const localByFormula = ({ x, mean, logStd, eps }: Tensors): tf.Tensor => {
  const variance = tf.matMul(tf.square(x!), tf.expandDims(tf.exp(tf.mul(logStd!, 2)), 0));
  return tf.add(tf.matMul(x!, tf.expandDims(mean!, 0)), tf.mul(tf.sqrt(variance), eps!));
};

describe('inference: estimators with known noise', () => {
  before(() => {
    backend();
  });

  /** [S, 2] */
  const keys = (stream: number, samples: number): tf.Tensor =>
    tf.tensor2d(noiseKeys([7, 8], stream, { streams: 1, samples, firstSample: 0 }), [samples, 2], 'int32');

  for (const { name, inputs, expected, tolerance_f32 } of golden<LocalInputs, Expected>(
    'layers',
    'linear_local_reparametrisation',
  )) {
    it(`layers.json ${name}: the formula of local reparameterisation, with its gradients`, () => {
      // a bias is the weight of an input that is always one
      const withOnes = tf.concat([tf.tensor2d(inputs.x), tf.ones([inputs.x.length, 1])], 1);
      const tensors = {
        x: tf.expandDims(withOnes, 0),
        mean: tf.tensor2d([...inputs.mu, inputs.b_mu]),
        logStd: tf.tensor2d([...inputs.log_std, inputs.b_log_std]),
        eps: one(inputs.eps),
      };
      const got = outputAndGradients(localByFormula, tensors, one(inputs.grad_output));
      const list = (name: string): number[][] => expected[name] as number[][];
      const rows = (name: string, bias: string): number[][] => [...list(name), expected[bias] as number[]];
      const columns = inputs.x[0]!.length;
      const gradX = tf.slice(got['grad_x']!, [0, 0, 0], [1, -1, columns]);
      assertClose(got['output']!.dataSync(), expected['output']!, tolerance_f32, 'output');
      assertClose(gradX.dataSync(), expected['grad_x']!, tolerance_f32, 'grad_x');
      assertClose(got['grad_mean']!.dataSync(), rows('grad_mu', 'grad_b_mu'), tolerance_f32, 'grad_mean');
      assertClose(
        got['grad_logStd']!.dataSync(),
        rows('grad_log_std', 'grad_b_log_std'),
        tolerance_f32,
        'grad_logStd',
      );
      assertClose(got['grad_eps']!.dataSync(), expected['grad_eps']!, tolerance_f32, 'grad_eps');
    });
  }

  it('local is that formula, for inputs that samples share or not', () => {
    for (const inputSamples of [1, 3]) {
      const [x, mean, logStd] = [noise(1, [inputSamples, 4, 5]), noise(2, [5, 2]), noise(3, [5, 2])];
      const noiseKeys = keys(0, 3);
      const eps = standardNormals(noiseKeys, [4, 2], tf.scalar(0, 'int32'));
      const estimate = ({ x, mean, logStd }: Tensors): tf.Tensor =>
        estimators.local.linear(
          tf.matMul,
          x!,
          { mean: mean!, logStd: logStd! },
          [noiseKeys],
          tf.scalar(0, 'int32'),
        )!;
      const dy = noise(4, [3, 4, 2]);
      const got = outputAndGradients(estimate, { x, mean, logStd }, dy);
      const want = outputAndGradients(
        (tensors) => localByFormula({ ...tensors, eps }),
        { x, mean, logStd },
        dy,
      );
      for (const [name, tensor] of Object.entries(want)) assertNear(got[name]!, tensor, 1e-5, name);
    }
  });

  for (const { name, inputs, expected, tolerance_f32 } of golden<FlipoutInputs, Expected>(
    'layers',
    'linear_flipout',
  )) {
    it(`layers.json ${name}: Flipout, output and all gradients`, () => {
      const tensors = {
        x: one(inputs.x),
        mu: tf.tensor2d(inputs.mu),
        log_std: tf.tensor2d(inputs.log_std),
        eps: one(inputs.eps),
        sign_in: one(inputs.sign_in),
        sign_out: one(inputs.sign_out),
      };
      const fn = ({ x, mu, log_std, eps, sign_in, sign_out }: Tensors): tf.Tensor => {
        const center = tf.matMul(x!, tf.expandDims(mu!, 0));
        return flip(tf.matMul, x!, center, tf.mul(tf.exp(log_std!), eps!), [sign_in!, sign_out!]);
      };
      assertGolden(fn, tensors, { dy: one(inputs.grad_output), expected, tolerance: tolerance_f32 });
    });
  }

  const DRAWS = 4000;
  const convolution = (x: tf.Tensor, w: tf.Tensor): tf.Tensor =>
    convolve(x, w, { strides: [1, 1], padding: 'same' }, 1);
  const maps = [
    ['dense', tf.matMul, [3, 5], [5, 2]],
    ['conv2d', convolution, [2, 3, 3, 2], [3, 3, 2, 2]],
  ] as const;
  for (const [kind, op, inputShape, shape] of maps) {
    for (const name of estimatorNames) {
      it(`${name}, ${kind}: mean and variance of each output are those of weight sampling, of ${DRAWS} draws`, () => {
        const x = noise(1, [1, ...inputShape]);
        const [mean, logStd] = [noise(2, shape), tf.sub(tf.mul(noise(3, shape), 0.3), 1)];
        const streams = [keys(1, DRAWS), keys(2, DRAWS), keys(3, DRAWS)];
        const posterior = { mean, logStd };
        const outputs =
          estimators[name].linear(op, x, posterior, streams, tf.scalar(0, 'int32')) ??
          op(x, sampleNormal(posterior, streams[0]!));
        const wanted = [
          op(x, tf.expandDims(mean, 0)),
          op(tf.square(x), tf.expandDims(tf.exp(tf.mul(logStd, 2)), 0)),
        ];
        const [wantMean, wantVariance] = wanted.map((tensor) => tensor.dataSync<'float32'>());
        const moments = tf.moments(outputs, 0);
        const [gotMean, gotVariance] = [moments.mean, moments.variance].map((each) =>
          each.dataSync<'float32'>(),
        );
        assert.equal(gotMean!.length, wantMean!.length);
        wantMean!.forEach((value, i) => {
          const [got, variance] = [gotMean![i]!, wantVariance![i]!];
          assert.ok(
            Math.abs(got - value) < 4.5 * Math.sqrt(variance / DRAWS),
            `mean ${i}: ${got}, want ${value}`,
          );
          const ratio = gotVariance![i]! / variance;
          assert.ok(
            Math.abs(ratio - 1) < 4.5 * Math.sqrt(2 / DRAWS),
            `variance ${i}: ${ratio} of what it should be`,
          );
        });
      });
    }

    it(`${kind}: two equal data have equal noise with weight sampling, and uncorrelated noise with the others`, () => {
      const x = tf.tile(noise(1, [1, 1, ...inputShape.slice(1)]), [
        1,
        2,
        ...inputShape.slice(1).map(() => 1),
      ]);
      const posterior = { mean: tf.zeros([...shape]), logStd: tf.zeros([...shape]) };
      const streams = [keys(1, DRAWS), keys(2, DRAWS), keys(3, DRAWS)];
      const correlation = (outputs: tf.Tensor): number => {
        const [a, b] = tf.split(tf.reshape(outputs, [DRAWS, 2, -1]), 2, 1) as [tf.Tensor, tf.Tensor];
        const covariance = tf.mean(tf.mul(a, b), 0);
        return tf.max(tf.abs(tf.div(covariance, tf.mean(tf.square(a), 0)))).dataSync()[0]!;
      };
      assert.ok(correlation(op(x, sampleNormal(posterior, streams[0]!))) > 0.999);
      assert.equal(
        estimators.auto.linear(op, x, posterior, streams, tf.scalar(0, 'int32')) !== undefined,
        kind === 'dense',
      );
      for (const name of ['local', 'flipout'] as const) {
        const found = correlation(estimators[name].linear(op, x, posterior, streams, tf.scalar(0, 'int32'))!);
        assert.ok(found < 5 / Math.sqrt(DRAWS), `${name}: ${found}`);
      }
    });
  }
});
