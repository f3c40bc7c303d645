import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { likelihoods, priors } from '../../lib/distributions';
import { tensorflow } from '../../lib/engine/tfjs/tensorflow';
import { dense } from '../../lib/layers';
import { sequential } from '../../lib/layers/sequential';
import { elbo } from '../../lib/objectives/elbo';
import { adam } from '../../lib/optimizers';
import { assertClose, golden } from '../golden';
import { drawOf } from '../layers/draw';

const NAMES = ['W1', 'b1', 'W2', 'b2'] as const;
const PLACES = ['0.dense.kernel', '0.dense.bias', '1.dense.kernel', '1.dense.bias'] as const;
type Parameters<T> = Record<(typeof NAMES)[number], T>;
type List = number[] | number[][];

interface Inputs {
  likelihood: 'categorical' | 'gaussian_fixed' | 'gaussian_heteroscedastic';
  activation: 'relu' | 'tanh';
  N: number;
  prior_std: number;
  kl_weight: number;
  sigma?: number;
  x: number[][];
  y: List;
  mu: Parameters<List>;
  log_std: Parameters<List>;
  eps: Parameters<number[][] | number[][][]>;
  adam: { lr: number };
}
interface Moments {
  mu: Parameters<List>;
  log_std: Parameters<List>;
}
interface Expected {
  outputs: number[][][];
  nll_per_sample_mean: number[];
  nll_mean: number;
  kl: number;
  loss: number;
  grad_mu: Parameters<List>;
  grad_log_std: Parameters<List>;
  after_1_adam: Moments;
  after_3_adam: Moments;
  adam_losses: number[];
  halves?: { sizes: number[]; nll_mean: number[] };
}

/** The problem of a case as functions of its variables: the four means, then the four log standard deviations. */
function problem(inputs: Inputs) {
  const { likelihood: name, sigma, N, prior_std, kl_weight } = inputs;
  const likelihood =
    name === 'categorical'
      ? likelihoods.categorical()
      : likelihoods.gaussian({ noise: name === 'gaussian_fixed' ? sigma! : 'predicted' });
  const hidden = inputs.mu.b1.length;
  const model = sequential([
    dense({ units: hidden, activation: inputs.activation }),
    dense({ units: inputs.mu.b2.length }),
  ]).build([inputs.x[0]!.length]);
  const x = tf.expandDims(tf.tensor2d(inputs.x), 0);
  const y = tf.tensor(inputs.y, undefined, name === 'categorical' ? 'int32' : 'float32');
  const eps = NAMES.map((name) => tf.tensor(inputs.eps[name]));
  const samples = inputs.eps.b1.length;

  /** Outputs of samples from .. from + count - 1: mean + exp(logStd) eps. */
  const outputs = (variables: readonly tf.Tensor[], from = 0, count = samples): tf.Tensor => {
    const values = PLACES.map((place, i) => {
      const noise = tf.slice(eps[i]!, [from], [count]);
      return [place, tf.add(variables[i]!, tf.mul(tf.exp(variables[4 + i]!), noise))] as const;
    });
    return model.apply(drawOf(new Map(values)), x);
  };
  /** The data term of some samples, as their share of all. */
  const nll = (variables: readonly tf.Tensor[], from = 0, count = samples, total = samples): tf.Scalar =>
    elbo(likelihood).loss({
      outputs: outputs(variables, from, count),
      y,
      parameters: [],
      samples: total,
      size: y.shape[0],
    });
  const kl = (variables: readonly tf.Tensor[]): tf.Tensor =>
    tf.addN(
      NAMES.map((_, i) =>
        tf.sum(priors.normal(0, prior_std).kl({ mean: variables[i]!, logStd: variables[4 + i]! })),
      ),
    );
  const loss = (...variables: tf.Tensor[]): tf.Scalar =>
    tf.add(nll(variables), tf.mul(kl(variables), kl_weight / N));
  const start = [
    ...NAMES.map((name) => tf.tensor(inputs.mu[name])),
    ...NAMES.map((name) => tf.tensor(inputs.log_std[name])),
  ];
  return { likelihood, samples, start, y, outputs, nll, kl, loss };
}

const assertParameters = (
  got: readonly tf.Tensor[],
  want: Parameters<List>,
  tolerance: number,
  what: string,
): void =>
  NAMES.forEach((name, i) => assertClose(got[i]!.dataSync(), want[name], tolerance, `${what} ${name}`));

describe('objectives: the per-sample evidence lower bound', () => {
  before(() => {
    tensorflow();
  });

  for (const { name, inputs, expected, tolerance_f32: tolerance } of golden<Inputs, Expected>(
    'elbo',
    'elbo_mlp',
  )) {
    it(`elbo.json ${name}: outputs, nll, KL, loss and gradients`, () => {
      const { likelihood, start, y, outputs, nll, kl, loss } = problem(inputs);
      assertClose(outputs(start).dataSync(), expected.outputs, tolerance, 'outputs');
      const perSample = tf.mean(likelihood.nll(outputs(start), y, []), 1);
      assertClose(perSample.dataSync(), expected.nll_per_sample_mean, tolerance, 'nll of each sample');
      assertClose(nll(start).dataSync(), [expected.nll_mean], tolerance, 'nll');
      assertClose(kl(start).dataSync(), [expected.kl], tolerance, 'kl');
      const { value, grads } = tf.valueAndGrads(loss)(start);
      assertClose(value.dataSync(), [expected.loss], tolerance, 'loss');
      assertParameters(grads.slice(0, 4), expected.grad_mu, tolerance, 'grad_mu');
      assertParameters(grads.slice(4), expected.grad_log_std, tolerance, 'grad_log_std');
    });

    it(`elbo.json ${name}: three steps of Adam`, () => {
      const { start, loss } = problem(inputs);
      const optimizer = adam(inputs.adam.lr);
      let variables = start;
      let slots = start.map((variable) => [tf.zerosLike(variable), tf.zerosLike(variable)]);
      for (let step = 1; step <= 3; step++) {
        const { value, grads } = tf.valueAndGrads(loss)(variables);
        assertClose(value.dataSync(), [expected.adam_losses[step - 1]!], tolerance, `loss ${step}`);
        const updates = grads.map((gradient, i) => optimizer.update(gradient, slots[i]!, tf.scalar(step)));
        variables = variables.map((variable, i) => tf.add(variable, updates[i]!.update));
        slots = updates.map((update) => update.slots);
        const want = { 1: expected.after_1_adam, 3: expected.after_3_adam }[step];
        if (!want) continue;
        assertParameters(variables.slice(0, 4), want.mu, tolerance, `mu after ${step}`);
        assertParameters(variables.slice(4), want.log_std, tolerance, `log_std after ${step}`);
      }
    });

    const { halves } = expected;
    if (!halves) continue;
    it(`elbo.json ${name}: the parts of the samples add up to the whole`, () => {
      const { samples, start, nll } = problem(inputs);
      const partOf = (from: number, count: number, total: number) =>
        tf.valueAndGrads((...variables: tf.Tensor[]) => nll(variables, from, count, total))(start);
      const whole = partOf(0, samples, samples);
      let from = 0;
      const parts = halves.sizes.map((count, i) => {
        const alone = partOf(from, count, count);
        assertClose(alone.value.dataSync(), [halves.nll_mean[i]!], tolerance, `nll of part ${i}`);
        const part = partOf(from, count, samples);
        from += count;
        return part;
      });
      assertClose(
        tf.addN(parts.map(({ value }) => value)).dataSync(),
        Array.from(whole.value.dataSync()),
        tolerance,
      );
      whole.grads.forEach((gradient, i) => {
        const sum = tf.addN(parts.map(({ grads }) => grads[i]!));
        assertClose(sum.dataSync(), Array.from(gradient.dataSync()), tolerance, `gradient ${i}`);
      });
      assert.equal(from, samples);
    });
  }
});
