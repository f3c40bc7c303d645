import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { likelihoods, priors } from '../../../lib/distributions';
import { backend } from '../../../lib/engine/tfjs/backend';
import { fit } from '../../../lib/fit';
import { ensemble } from '../../../lib/inference/ensemble';
import { type LangevinOptions, noiseStd } from '../../../lib/inference/langevin/langevin';
import { sgld } from '../../../lib/inference/langevin/sgld';
import { vi } from '../../../lib/inference/vi';
import { functional } from '../../../lib/layers/functional';
import { accuracy, rhat } from '../../../lib/metrics';
import { ndarray, type NdArray } from '../../../lib/ndarray';
import { adam, sgd } from '../../../lib/optimizers';
import { keyOf, normals } from '../../../lib/threefry';
import { assertClose, golden } from '../../golden';
import { clouds, fitClouds } from '../../problems';
import { refuses } from '../../refuses';
import { deviation } from '../../variables';
import { assertConjugate, conjugate, conjugatePrior, fitConjugate, ofPrior } from './langevin';

interface Inputs {
  q0: number[];
  target_mean: number[];
  target_precision: number[];
  noise: number[][];
  lr: number;
  temperature: number;
  beta: number;
}

describe('inference: sgld', () => {
  for (const { name, inputs, expected, tolerance_f32 } of golden<Inputs, { q: number[][] }>(
    'inference',
    'sgld',
  )) {
    it(`makes the steps of inference.json ${name}`, () => {
      backend();
      const { q0, noise, target_mean, target_precision, lr, temperature, beta } = inputs;
      const program = ofPrior(
        (prior) => sgld({ chains: 1, stepSize: lr, temperature, prior, keep: 1 }),
        q0.length,
        (q) => tf.mul(tf.square(tf.sub(q, target_mean)), tf.mul(target_precision, -0.5)),
      );
      // their beta is of the gradient over the temperature
      const gradientNoise = beta * temperature ** 2;
      const std = noiseStd({ friction: 1, temperature, gradientNoise }, tf.scalar(lr), 1);
      let q: tf.Tensor = tf.tensor1d(q0);
      noise.forEach((each, i) => {
        const [, next] = program.update([tf.mul(tf.neg(each), std)], [q], [], tf.scalar(i + 1));
        q = next!;
        assertClose(q.dataSync(), expected.q[i]!, tolerance_f32, `step ${i + 1}`);
      });
    });
  }

  it('draws from the posterior of a conjugate model: means within 0.15 standard deviations, covariances within 0.12', async () => {
    const method = sgld({ prior: conjugatePrior, stepSize: 0.003, keep: 500 });
    const posterior = await fitConjugate(method, 60_000);
    assert.deepEqual(posterior.variables.get('kernel')!.shape, [2000, 3, 1]);
    assertConjugate(posterior.variables, { mean: 0.15, covariance: 0.12 });
    for (let i = 0; i < 3; i++) assert.ok(rhat(posterior.chain('kernel', i)) < 1.02);
  });

  it('draws a narrower one at a lower temperature', async () => {
    const method = sgld({ prior: conjugatePrior, stepSize: 0.003, keep: 500, temperature: 0.25 });
    const cold = await fitConjugate(method, 60_000);
    const kernel = cold.variables.get('kernel')!;
    const { posterior_mean } = conjugate.expected;
    const wide = kernel.map((value, i) => posterior_mean[i % 3]! + 2 * (value - posterior_mean[i % 3]!));
    assertConjugate(new Map([['kernel', ndarray(wide, kernel.shape)]]), { mean: 0.3, covariance: 0.12 });
  });

  it('draws as wide as the posterior by single data, once it knows how noisy their gradients are', async () => {
    // a mean: the gradient at a datum is off by mean(y) - y, and the posterior is N(., 1 / (rows + 1))
    const [rows, stepSize] = [64, 0.2];
    const y = Float32Array.from({ length: rows }, (_, i) => (i % 2 ? 0.3 : -0.3));
    const model = functional({
      parameters: { w: { shape: [1] } },
      apply: (x, { w }) => tf.add(tf.mul(x, 0), w),
      outputShape: [1],
    });
    const variance = async (gradientNoise: number): Promise<number> => {
      const run = fit(
        model,
        { x: new Float32Array(rows), y },
        {
          likelihood: likelihoods.gaussian({ noise: 1 }),
          method: sgld({ stepSize, gradientNoise, keep: 1000 }),
          batchSize: 1,
          epochs: 600,
          devices: 1,
        },
      );
      const draws = (await run.done).variables.get('w')!;
      const mean = draws.reduce((sum, w) => sum + w, 0) / draws.length;
      return draws.reduce((sum, w) => sum + (w - mean) ** 2, 0) / draws.length;
    };
    // of steps this long: see `dynamics`
    const want = 1 / ((rows + 1) * (1 - (stepSize * (rows + 1)) / rows / 2));
    const [blind, told] = [await variance(0), await variance(0.09)];
    assert.ok(Math.abs(told / want - 1) < 0.1, `${told}, want ${want}`);
    assert.ok(blind / want > 1.3, `${blind}, want more than ${want}`);
  });

  it('draws the noise of the likelihood as well: moments of its logarithm by quadrature', async () => {
    // two data say little enough that the prior of the logarithm, N(log 0.5, 3²), counts: its mean is 0.3 standard deviations off without
    const rows = 2;
    const y = Float32Array.from(normals(keyOf(4), rows), (value) => 0.002 * value);
    const model = functional({
      parameters: { w: { shape: [1] } },
      apply: (x, { w }) => tf.add(tf.mul(x, 0), tf.mul(w, 0)),
      outputShape: [1],
    });
    const run = fit(
      model,
      { x: new Float32Array(rows), y },
      {
        likelihood: likelihoods.gaussian(),
        method: sgld({ stepSize: 0.005, keep: 500 }),
        batchSize: rows,
        epochs: 60_000,
        devices: 1,
      },
    );
    const draws = (await run.done).variables.get('likelihood.logNoise')!;
    const squares = y.reduce((sum, value) => sum + value ** 2, 0);
    // p(s | y) for s the logarithm of the standard deviation
    const grid = Array.from({ length: 2001 }, (_, i) => -12 + i / 200);
    const density = grid.map((s) =>
      Math.exp(-rows * s - (squares * Math.exp(-2 * s)) / 2 - (s - Math.log(0.5)) ** 2 / 18),
    );
    const total = density.reduce((sum, each) => sum + each, 0);
    const expect = (f: (s: number) => number): number =>
      grid.reduce((sum, s, i) => sum + f(s) * density[i]!, 0) / total;
    const mean = expect((s) => s);
    const std = Math.sqrt(expect((s) => (s - mean) ** 2));
    const got = draws.reduce((sum, s) => sum + s, 0) / draws.length;
    const gotStd = Math.sqrt(draws.reduce((sum, s) => sum + (s - got) ** 2, 0) / draws.length);
    assert.ok(Math.abs(got - mean) < 0.15 * std, `mean ${got}, want ${mean} ± ${std}`);
    assert.ok(Math.abs(gotStd / std - 1) < 0.1, `standard deviation ${gotStd}, want ${std}`);
  });

  const settings = { method: sgld({ stepSize: 0.05, keep: 5 }), epochs: 20 };

  it('draws the same on any mesh, with several calls a step, and with steps by themselves', async () => {
    const want = await fitClouds(settings).done;
    for (const given of [
      { strategy: { sample: 2, data: 1 }, devices: 'all' },
      { strategy: { sample: 3, data: 1 }, devices: 'all' },
      { strategy: { sample: 2, data: 2 }, devices: 'all' },
      { strategy: { sample: 1, data: 2 }, devices: 'all' },
      { samplesPerCall: 1 },
    ] as const) {
      const got = await fitClouds({ ...settings, ...given }).done;
      const off = deviation(got.variables, want.variables);
      assert.ok(off < 1e-5, `${JSON.stringify(given)}: off by ${off}`);
    }
  });

  it('has a chain that depends on no other: the first of four is the only one of one', async () => {
    const four = await fitClouds(settings).done;
    const one = await fitClouds({ ...settings, method: sgld({ stepSize: 0.05, keep: 5, chains: 1 }) }).done;
    for (const [name, values] of one.variables) {
      const all = four.variables.get(name)!;
      assert.deepEqual(all.shape, [20, ...values.shape.slice(1)]);
      assert.equal(values.shape[0], 5);
      assertClose(all.slice(0, values.length), Array.from(values), 1e-5, name);
    }
  });

  it('predicts by its draws, chain after chain, and knows the chains', async () => {
    const posterior = await fitClouds(settings).done;
    const { x, y } = clouds.train;
    const all = posterior.predict(x);
    assert.equal(all.samples.shape[0], 20);
    assert.ok(accuracy(all.mean, y) > 0.9);
    const kernel = posterior.variables.get('0.dense.kernel')!;
    const chain = posterior.chain('0.dense.kernel');
    assert.deepEqual(chain.shape, [4, 5, 2, 4]);
    assert.deepEqual([...chain], [...kernel]);
    const third = posterior.chain('0.dense.kernel', 3);
    assert.deepEqual(third.shape, [4, 5]);
    assert.deepEqual(
      [...third],
      Array.from({ length: 20 }, (_, draw) => kernel[8 * draw + 3]),
    );
    // the draws are those that predict: logits of a network of two layers, by hand
    const [hidden, draw] = [4, 13];
    const part = (name: string): Float32Array => {
      const values = posterior.variables.get(name)!;
      const size = values.length / 20;
      return values.subarray(draw * size, (draw + 1) * size);
    };
    const [w, b, v] = [part('0.dense.kernel'), part('0.dense.bias'), part('1.dense.kernel')];
    const h = Array.from({ length: hidden }, (_, j) =>
      Math.tanh(x[0]! * w[j]! + x[1]! * w[hidden + j]! + b[j]!),
    );
    const logit = (c: number): number => h.reduce((sum, each, j) => sum + each * v[2 * j + c]!, 0);
    const p = 1 / (1 + Math.exp(logit(1) - logit(0)));
    assert.ok(Math.abs(all.samples[draw * 120]! - p) < 1e-5);
  });

  it('finds both modes by cycles, where a constant step size stays at one', async () => {
    // modes at -3 and 3 of standard deviation 0.5
    const twoModes = (w: tf.Tensor): tf.Tensor => {
      const at = (mode: number): tf.Tensor => tf.mul(tf.square(tf.sub(w, mode)), -2);
      return tf.logSumExp(tf.stack([at(-3), at(3)]), 0);
    };
    const model = functional({
      parameters: { w: { shape: [1], initial: 0.1 } },
      apply: (x, { w }) => tf.add(tf.mul(x, 0), tf.mul(w, 0)),
      outputShape: [1],
    });
    const draws = async (given: LangevinOptions): Promise<NdArray> => {
      const method = sgld({ prior: { name: 'two modes', logProb: twoModes }, ...given });
      const likelihood = likelihoods.gaussian({ noise: 1 });
      const run = fit(model, { x: [0], y: [0] }, { likelihood, method, epochs: 4096, devices: 1 });
      return (await run.done).chain('w');
    };
    /** How often a chain is at the other mode than the draw before. */
    const changes = (chains: NdArray): number =>
      chains.filter((w, i) => i % 32 > 0 && Math.sign(w) !== Math.sign(chains[i - 1]!)).length;
    const constant = await draws({ stepSize: 0.05 });
    const cyclical = await draws({ stepSize: 0.4, schedule: { cycles: 32, explore: 0 } });
    assert.deepEqual([constant.shape, cyclical.shape], [[4, 32, 1], [4, 32, 1]]); // prettier-ignore
    assert.equal(changes(constant), 0);
    assert.ok(changes(cyclical) >= 5, `${changes(cyclical)} changes`);
    const spread = cyclical.reduce((sum, w) => sum + (Math.abs(w) - 3) ** 2, 0) / cyclical.length;
    assert.ok(
      Math.abs(Math.sqrt(spread) - 0.5) < 0.1,
      `around its mode, a draw is off by ${Math.sqrt(spread)}`,
    );
  });

  it('says what it cannot do', () => {
    refuses(
      () => fitClouds({ method: sgld(), optimizer: adam() }),
      'E_OPTION',
      /fit: option 'optimizer' does not apply to sgld \(4 chains.*leave it out/,
    );
    refuses(
      () => fitClouds({ method: sgld({ keep: 64 }), epochs: 30 }),
      'E_OPTION',
      /64 draws.*last 45 of 90 steps/,
    );
    refuses(() => sgld({ schedule: { cycles: 3 }, keep: 4 }), 'E_OPTION', /'keep' does not go with cycles/);
    refuses(
      () => sgld({ schedule: 'cosine' as never }),
      'E_OPTION',
      /sgld: option 'schedule' must be 'constant'/,
    );
    // 2 temperature / (60 data times the step size)
    refuses(
      () => fitClouds({ method: sgld({ stepSize: 0.1, gradientNoise: 0.4, keep: 1 }) }),
      'E_OPTION',
      /sgld: option 'gradientNoise' must be below 0.333 for this step size and 60 data, got 0.4: .*stepSize smaller/,
    );
    refuses(() => sgld({ gradientNoise: -1 }), 'E_OPTION', /'gradientNoise' must be at least 0/);
    refuses(() => sgld({ burnIn: 1 }), 'E_OPTION', /sgld: option 'burnIn'/);
    refuses(() => sgld({ friction: 1 } as never), 'E_OPTION', /unknown option 'friction'/);
  });

  it('tells who asks other methods for chains that there are none', async () => {
    const posterior = await fitClouds({ method: vi({ samples: 6 }), epochs: 1 }).done;
    refuses(() => posterior.chain('0.dense.bias'), 'E_OPTION', /there are no chains/);
    const models = await fitClouds({ method: ensemble({ members: 2 }), optimizer: sgd(), epochs: 1 }).done;
    refuses(() => models.chain('0.dense.bias'), 'E_OPTION', /there are no chains/);
    const chains = await fitClouds({ method: sgld({ keep: 1 }), epochs: 1 }).done;
    refuses(() => chains.chain('bias'), 'E_OPTION', /no variable 'bias', only 0\.dense\.kernel/);
    refuses(() => chains.chain('0.dense.bias', 4), 'E_OPTION', /has elements 0 to 3, got 4/);
  });

  it('names all its settings', () => {
    assert.equal(
      sgld({ prior: priors.laplace(0, 1) }).name,
      'sgld (4 chains, stepSize 0.001, constant, temperature 1, burnIn 0.5, keep 32, prior Laplace(0, 1))',
    );
    assert.match(sgld({ gradientNoise: 0.5 }).name, /temperature 1, gradientNoise 0.5, burnIn/);
  });
});
