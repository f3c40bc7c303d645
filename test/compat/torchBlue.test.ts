/** The loss that torch_blue trains on, and its gradients, from the same values and noise. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { categorical, initialStd, priorStd, rescaledPrior } from '../../lib/compat/torchBlue';
import { likelihoods, priors } from '../../lib/distributions';
import { backend } from '../../lib/engine/tfjs/backend';
import { conv2d, dense, globalAveragePool, type Layer, multiHeadAttention } from '../../lib/layers';
import { sequential } from '../../lib/layers/sequential';
import { ndarray, type NdArray } from '../../lib/ndarray';
import { predictive } from '../../lib/objectives/predictive';
import { withWeights } from '../../lib/weights/withWeights';
import { assertClose, flat, golden, type Golden } from '../golden';
import { drawOf } from '../layers/draw';
import { channelsLast } from '../weights/start';

interface Start {
  mean: Golden;
  log_std: number;
  prior_log_std: number;
  fan_in: number;
}
type ByPath<T> = Readonly<Record<string, T>>;
interface Inputs {
  model: string;
  kind: 'categorical' | 'normal';
  x: Golden;
  y: Golden;
  N: number;
  std: number;
  heat: number;
  rescale_prior: boolean;
  start: ByPath<Start>;
  noise: ByPath<Golden[]>;
}
interface Expected {
  data_fitting: number;
  prior_matching: number;
  loss: number;
  grad_mean: ByPath<Golden>;
  grad_log_std: ByPath<Golden>;
}

/** Our models, and where their parameters are in theirs. */
const linear = sequential([dense({ units: 4, activation: 'tanh' }), dense({ units: 3 })]);
const linearNames = { '0.dense': 'hidden', '1.dense': 'output' };
const models: Record<string, { model: Layer; names: Readonly<Record<string, string>> }> = {
  linear: { model: linear, names: linearNames },
  linear_narrow: { model: linear, names: linearNames },
  conv2d: {
    model: sequential([
      conv2d({ filters: 3, kernelSize: [3, 2], strides: 2, padding: 1, activation: 'tanh' }),
      globalAveragePool(),
      dense({ units: 2 }),
    ]),
    names: { '0.conv2d': 'conv', '2.dense': 'output' },
  },
  attention: {
    model: sequential([multiHeadAttention({ heads: 2 }), globalAveragePool(), dense({ units: 3 })]),
    names: {
      '0.multiHeadAttention.qkv.kernel': 'attention.in_proj_weight',
      '0.multiHeadAttention.qkv.bias': 'attention.in_proj_bias',
      '0.multiHeadAttention.output': 'attention.out_proj',
      '2.dense': 'output',
    },
  },
};

const shapeOf = (value: Golden): number[] =>
  Array.isArray(value) ? [value.length, ...shapeOf((value as Golden[])[0]!)] : [];
const array = (value: Golden): NdArray => ndarray(Float32Array.from(flat(value)), shapeOf(value));

/** One of our models with the arrays of one of theirs, by the paths of its parameters, in our layout. */
function ours(which: string, inputShape: readonly number[], values: ByPath<Golden>): Map<string, tf.Tensor> {
  const { model, names } = models[which]!;
  const theirs = (path: string): string => {
    const prefix = Object.keys(names).find((each) => path.startsWith(each))!;
    return (names[prefix]! + path.slice(prefix.length)).replace(/kernel$/, 'weight');
  };
  const weights = new Map(Object.entries(values).map(([name, value]) => [name, array(value)]));
  const { parameters } = withWeights(model, weights, { layout: 'torch', names: theirs }).build(inputShape);
  return new Map(
    parameters.map(({ name, shape, initial }) => [name, tf.tensor(initial as Float32Array, [...shape])]),
  );
}

describe('compat: torch_blue', () => {
  before(() => {
    backend();
  });

  const cases = golden<Inputs, Expected>('torchBlue', 'torch_blue_training');
  for (const { name, inputs, expected, tolerance_f32: tolerance } of cases) {
    it(`torchBlue.json ${name}: loss and gradients`, () => {
      const { kind, N, std, heat, start, noise } = inputs;
      const theirX = tf.tensor(array(inputs.x), shapeOf(inputs.x));
      const x = inputs.model === 'conv2d' ? channelsLast(theirX) : theirX;
      const inputShape = x.shape.slice(1);
      const { parameters, apply } = models[inputs.model]!.model.build(inputShape);
      const paths = parameters.map(({ name }) => name);
      const inOurs = (values: ByPath<Golden>): tf.Tensor[] => {
        const found = ours(inputs.model, inputShape, values);
        return paths.map((path) => found.get(path)!);
      };
      const each = <T>(of: (start: Start, path: string) => T): Record<string, T> =>
        Object.fromEntries(Object.entries(start).map(([path, each]) => [path, of(each, path)]));
      const means = inOurs(each(({ mean }) => mean));
      const logStds = parameters.map(({ shape, fanIn }) =>
        tf.fill([...shape], Math.log(initialStd(fanIn, std))),
      );
      const samples = Object.values(noise)[0]!.length;
      const draws = Array.from({ length: samples }, (_, s) => inOurs(each((_, path) => noise[path]![s]!)));
      const eps = paths.map((_, i) => tf.stack(draws.map((draw) => draw[i]!)));

      const likelihood = kind === 'categorical' ? categorical() : likelihoods.gaussian({ noise: 'fitted' });
      const y = kind === 'categorical' ? tf.tensor1d(Int32Array.from(flat(inputs.y)), 'int32') : tf.tensor(array(inputs.y), shapeOf(inputs.y)); // prettier-ignore
      const dataTerm = (variables: readonly tf.Tensor[]): tf.Tensor => {
        const values = paths.map((path, i) => [path, tf.add(variables[i]!, tf.mul(tf.exp(variables[paths.length + i]!), eps[i]!))] as const); // prettier-ignore
        const outputs = apply(drawOf(new Map(values)), tf.expandDims(x, 0));
        const share = { outputs, y, parameters: [], samples, size: y.shape[0] };
        return predictive(likelihood).loss(share);
      };
      const kl = (variables: readonly tf.Tensor[]): tf.Tensor =>
        tf.addN(
          parameters.map(({ fanIn }, i) => {
            const prior = inputs.rescale_prior ? rescaledPrior()({ fanIn }) : priors.normal(0, 1);
            return tf.sum(prior.kl({ mean: variables[i]!, logStd: variables[paths.length + i]! }));
          }),
        );
      // ours is per datum, theirs of the whole data set
      const loss = (...variables: tf.Tensor[]): tf.Tensor =>
        tf.mul(tf.add(dataTerm(variables), tf.mul(kl(variables), heat / N)), N);
      const constant = kind === 'normal' ? N * y.shape[1]! * 0.5 * Math.log(2 * Math.PI) : 0;

      const variables = [...means, ...logStds];
      const { value, grads } = tf.valueAndGrads(loss)(variables);
      assertClose(value.dataSync()[0]! - constant, expected.loss, tolerance, 'loss');
      assertClose(heat * kl(variables).dataSync()[0]!, expected.prior_matching, tolerance, 'prior matching');
      for (const [what, want, got] of [
        ['mean', expected.grad_mean, grads.slice(0, paths.length)],
        ['log_std', expected.grad_log_std, grads.slice(paths.length)],
      ] as const) {
        inOurs(want).forEach((gradient, i) => {
          assertClose(
            got[i]!.dataSync(),
            [...gradient.dataSync()],
            tolerance,
            `gradient of ${what} of ${paths[i]!}`,
          );
        });
      }
    });

    it(`torchBlue.json ${name}: the standard deviations that it starts with`, () => {
      const { std, rescale_prior, start } = inputs;
      for (const { log_std, prior_log_std, fan_in } of Object.values(start)) {
        assertClose(Math.log(initialStd(fan_in, std)), log_std, 1e-12);
        assertClose(rescale_prior ? Math.log(priorStd(fan_in)) : 0, prior_log_std, 1e-12);
      }
    });
  }

  it('starts with means within the same bounds: the fan-in of each parameter is theirs', () => {
    for (const { inputs } of cases) {
      const x = shapeOf(inputs.x);
      const shape = inputs.model === 'conv2d' ? [x[2]!, x[3]!, x[1]!] : x.slice(1);
      const fanIns = models[inputs.model]!.model.build(shape).parameters.map(({ fanIn }) => fanIn);
      assert.deepEqual(fanIns, Object.values(inputs.start).map(({ fan_in }) => fan_in)); // prettier-ignore
      for (const { mean, fan_in } of Object.values(inputs.start)) {
        const largest = flat(mean).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        assert.ok(largest <= 1 / Math.sqrt(fan_in), `${largest} with ${fan_in} inputs`);
      }
    }
  });
});
