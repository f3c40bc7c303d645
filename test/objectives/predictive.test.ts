import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { likelihoods } from '../../lib/distributions';
import type { Likelihood } from '../../lib/distributions/likelihood';
import { tensorflow } from '../../lib/engine/tfjs/tensorflow';
import { vi } from '../../lib/inference/vi';
import { dense } from '../../lib/layers';
import type { Others, Share } from '../../lib/objectives/objective';
import { predictive } from '../../lib/objectives/predictive';
import { predictivePerWorker } from '../../lib/objectives/predictivePerWorker';
import { adam } from '../../lib/optimizers';
import { foldIn, keyOf, normals } from '../../lib/threefry';
import { assertClose } from '../golden';
import { refuses } from '../refuses';

const [S, B, D] = [6, 5, 3];

/** Outputs [S, B, width] of some scale around a center, in double precision as single precision has them. */
const numbers = (width: number, { scale = 1, center = 0 } = {}): Float64Array =>
  normals(foldIn(keyOf(9), width), S * B * width).map((z) => Math.fround(center + scale * z));
const targets = Array.from({ length: B }, (_, b) =>
  Array.from({ length: D }, (_, d) => Math.fround(Math.sin(3 * b + d))),
);
const labels = [0, 2, 1, 1, 0];
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b) / values.length;

/** A likelihood and its predictive distribution of samples by the definition, in double precision. */
interface Setting {
  likelihood: Likelihood;
  width: number;
  y: () => tf.Tensor;
  parameters: number[];
  /** -log p(y_b) of the samples with these numbers. */
  nll(outputs: Float64Array, parameters: readonly number[], b: number, samples: readonly number[]): number;
}

type Noise = 'fitted' | 'learned' | 'predicted' | 0.3;
function gaussian(noise: Noise): Setting {
  const width = noise === 'predicted' ? 2 * D : D;
  return {
    likelihood: likelihoods.gaussian({ noise }),
    width,
    y: () => tf.tensor2d(targets),
    parameters: noise === 'learned' ? [-1, 0.2, -0.4] : [],
    nll(outputs, parameters, b, samples) {
      const at = (s: number, i: number): number => outputs[(s * B + b) * width + i]!;
      const noiseOf = (s: number, d: number): number => {
        if (typeof noise === 'number') return noise ** 2;
        if (noise === 'fitted') return 0;
        return Math.exp(2 * (noise === 'learned' ? parameters[d]! : at(s, D + d)));
      };
      return targets[b]!.reduce((sum, y, d) => {
        const center = mean(samples.map((s) => at(s, d)));
        const squares = samples.reduce((sum, s) => sum + (at(s, d) - center) ** 2, 0);
        const variance = squares / Math.max(samples.length - 1, 1) + mean(samples.map((s) => noiseOf(s, d)));
        return sum + 0.5 * (Math.log(2 * Math.PI * variance) + (y - center) ** 2 / variance);
      }, 0);
    },
  };
}
const categorical: Setting = {
  likelihood: likelihoods.categorical(),
  width: D,
  y: () => tf.tensor1d(labels, 'int32'),
  parameters: [],
  nll(outputs, _parameters, b, samples) {
    const probability = (s: number): number => {
      const logits = Array.from(outputs.subarray((s * B + b) * D, (s * B + b + 1) * D));
      const largest = Math.max(...logits);
      const sum = logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
      return Math.exp(logits[labels[b]!]! - largest) / sum;
    };
    return -Math.log(mean(samples.map(probability)));
  },
};
const settings: Record<string, Setting> = {
  categorical,
  'Gaussian, fitted': gaussian('fitted'),
  'Gaussian, known noise': gaussian(0.3),
  'Gaussian, learned noise': gaussian('learned'),
  'Gaussian, predicted noise': gaussian('predicted'),
};

const all = Array.from({ length: S }, (_, s) => s);
const dataOf = ({ nll }: Setting, outputs: Float64Array, parameters: number[], samples = all): number =>
  mean(labels.map((_, b) => nll(outputs, parameters, b, samples)));

/** The share of samples from .. from + count - 1. */
function shareOf({ width, y, parameters }: Setting, outputs: Float64Array, from = 0, count = S): Share {
  const all = tf.tensor3d(Float32Array.from(outputs), [S, B, width]);
  return {
    outputs: tf.slice(all, [from, 0, 0], [count, B, width]),
    y: y(),
    parameters: parameters.length > 0 ? [tf.tensor1d(parameters)] : [],
    samples: S,
    size: B,
  };
}
/** The loss, and its gradients by outputs and parameters. */
function gradients({ likelihood }: Setting, share: Share, others?: Others) {
  const loss = (outputs: tf.Tensor, ...parameters: tf.Tensor[]): tf.Scalar =>
    predictive(likelihood).loss({ ...share, outputs, parameters }, others);
  const { value, grads } = tf.valueAndGrads(loss)([share.outputs, ...share.parameters]);
  return { value: value.dataSync()[0]!, grads: grads.map((each) => each.dataSync<'float32'>()) };
}

describe('objectives: predictive', () => {
  before(() => {
    tensorflow();
  });

  for (const [name, setting] of Object.entries(settings)) {
    const outputs = numbers(setting.width, { scale: 0.7 });

    it(`${name}: the loss by its definition, and its gradients by finite differences`, () => {
      const { value, grads } = gradients(setting, shareOf(setting, outputs));
      assertClose(value, dataOf(setting, outputs, setting.parameters), 2e-6);
      const h = 1e-5;
      const slope = (values: Float64Array | number[], loss: () => number): number[] =>
        Array.from(values, (value, i) => {
          const [above, below] = [h, -h].map((step) => {
            values[i] = value + step;
            return loss();
          });
          values[i] = value;
          return (above! - below!) / (2 * h);
        });
      const parameters = [...setting.parameters];
      const loss = (): number => dataOf(setting, outputs, parameters);
      const wanted = [slope(outputs, loss), slope(parameters, loss)];
      grads.forEach((gradient, i) => assertClose(gradient, wanted[i]!, 5e-6, `gradient ${i}`));
      assert.equal(grads.length, parameters.length > 0 ? 2 : 1);
    });

    it(`${name}: each call has its part of the gradient, whatever is said by those that it is not joined with`, () => {
      const whole = gradients(setting, shareOf(setting, outputs));
      const parts = [1, 2, 3].map((count, i) => shareOf(setting, outputs, [0, 1, 3][i], count));
      const statistics = parts.map((part) => predictive(setting.likelihood).statistics!(part));
      const found = parts.map((part, own) => {
        for (const garbage of [0, Infinity, NaN]) {
          // a call of its own that is not joined with any
          const [shape] = statistics.map(({ shape }) => shape as [number, number]);
          const said = statistics.map((each, i) => (i === own ? tf.fill(shape!, garbage) : each));
          const others = {
            statistics: tf.stack([...said, tf.fill(shape!, garbage)]),
            joined: tf.tensor1d([...parts.map((_, i) => (i === own ? 0 : 1)), 0]),
            samples: S,
            calls: parts.length,
          };
          const got = gradients(setting, part, others);
          assertClose(got.value, whole.value, 1e-6, `value ${own}`);
          if (Number.isNaN(garbage)) return got.grads;
        }
        return [];
      });
      assertClose(
        found.map(([byOutputs]) => Array.from(byOutputs!)).flat(),
        Array.from(whole.grads[0]!),
        2e-6,
      );
      const byNoise = found.map((each) => each[1]).filter((each) => each !== undefined);
      if (byNoise.length === 0) return;
      const sum = setting.parameters.map((_, d) => byNoise.reduce((sum, each) => sum + each[d]!, 0));
      assertClose(sum, Array.from(whole.grads[1]!), 2e-6, 'learned noise');
    });
  }

  it('is stable in single precision: large means with a small spread', () => {
    const setting = gaussian('fitted');
    const outputs = numbers(D, { scale: 0.05, center: 300 });
    // the targets lie where the outputs do
    const at = (center: number): Setting => ({ ...setting, y: () => tf.add(tf.tensor2d(targets), center) });
    const shifted = gradients(at(300), shareOf(at(300), outputs));
    const exact = outputs.map((value) => value - 300);
    assertClose(shifted.value, dataOf(setting, exact, []), 1e-3);
    const [one, two] = [shareOf(at(300), outputs, 0, 2), shareOf(at(300), outputs, 2, 4)];
    const [statistics] = [predictive(setting.likelihood).statistics!(two)];
    const others = { statistics: tf.stack([statistics]), joined: tf.tensor1d([1]), samples: S, calls: 2 };
    assertClose(gradients(at(300), one, others).value, dataOf(setting, exact, []), 1e-3);
  });

  it('is stable in single precision: probabilities that are no number of it', () => {
    const logits = new Float64Array(S * B * D);
    labels.forEach((label, b) => all.forEach((s) => (logits[(s * B + b) * D + label] = -400 - 10 * s)));
    const share = shareOf(categorical, logits);
    const { value, grads } = gradients(categorical, share);
    // log(2 e^400) by two other classes with logits 0; the least improbable sample makes up the mean
    const want =
      400 + Math.log(2) + Math.log(S) - Math.log(all.reduce((sum, s) => sum + Math.exp(-10 * s), 0));
    assertClose(value, want, 1e-6);
    assert.ok(grads[0]!.every(Number.isFinite));
  });

  it('of equal samples is finite: the variance is at least 1e-10', () => {
    const setting = gaussian('fitted');
    const { value, grads } = gradients(setting, shareOf(setting, new Float64Array(S * B * D).fill(0.25)));
    const want = targets.flat().reduce((sum, y) => sum + (y - 0.25) ** 2 / 2e-10, 0) / B;
    assertClose(value / want, 1, 1e-5);
    assert.ok(grads[0]!.every(Number.isFinite));
  });

  it('of one sample is the likelihood', () => {
    for (const setting of [categorical, gaussian(0.3), gaussian('learned'), gaussian('predicted')]) {
      const outputs = numbers(setting.width);
      const { parameters, ...one } = shareOf(setting, outputs, 2, 1);
      const loss = predictive(setting.likelihood).loss({ ...one, parameters, samples: 1 });
      const nll = tf.mean(setting.likelihood.nll(one.outputs, one.y, parameters));
      assertClose(loss.dataSync(), Array.from(nll.dataSync()), 1e-6);
    }
  });
});

describe('objectives: predictive per worker', () => {
  before(() => {
    tensorflow();
  });
  const workers = [
    [0, 4],
    [4, 2],
  ] as const;
  const perWorker = (setting: Setting, outputs: Float64Array): number =>
    workers.reduce((sum, [from, count]) => {
      const loss = predictivePerWorker(setting.likelihood).loss(shareOf(setting, outputs, from, count));
      return sum + loss.dataSync()[0]!;
    }, 0);
  const byDefinition = (setting: Setting, outputs: Float64Array): number =>
    workers.reduce((sum, [from, count]) => {
      const own = all.slice(from, from + count);
      return sum + (count / S) * dataOf(setting, outputs, setting.parameters, own);
    }, 0);

  for (const [name, setting] of Object.entries(settings)) {
    it(`${name}: is the mean of the workers' own losses, by their samples`, () => {
      const outputs = numbers(setting.width, { scale: 0.7 });
      assertClose(perWorker(setting, outputs), byDefinition(setting, outputs), 5e-6);
    });
  }

  it('categorical: is more than the predictive loss by the logarithm of arithmetic over geometric mean', () => {
    const outputs = numbers(D, { scale: 2 });
    const excess = mean(
      labels.map((_, b) => {
        const own = workers.map(([from, count]) => {
          const nll = categorical.nll(outputs, [], b, all.slice(from, from + count));
          return { weight: count / S, p: Math.exp(-nll) };
        });
        const arithmetic = own.reduce((sum, { weight, p }) => sum + weight * p, 0);
        return Math.log(arithmetic) - own.reduce((sum, { weight, p }) => sum + weight * Math.log(p), 0);
      }),
    );
    assert.ok(excess > 0.05, `${excess}`);
    const exact = gradients(categorical, shareOf(categorical, outputs)).value;
    assertClose(perWorker(categorical, outputs) - exact, excess, 5e-6);
  });
});

describe('objectives: predictive ones are refused', () => {
  const problem = {
    model: dense({ units: 1 }),
    optimizer: adam(),
    inputShape: [2],
    targetShape: [1],
    size: 10,
    steps: 100,
    stepsPerEpoch: 10,
  };

  it('by a likelihood without a predictive distribution, when the program is built', () => {
    const { predictive, ...none } = likelihoods.gaussian();
    assert.ok(predictive);
    for (const objective of ['predictive', 'predictivePerWorker'] as const) {
      const build = () => vi({ objective }).build({ ...problem, likelihood: none });
      refuses(build, 'E_OPTION', /needs a likelihood with a predictive distribution.*objective: 'elbo'/);
    }
    vi().build({ ...problem, likelihood: none });
  });

  it('with noise that is fitted to fewer than two samples', () => {
    tensorflow();
    const setting = gaussian('fitted');
    const one = shareOf(setting, numbers(D), 0, 1);
    for (const objective of [predictive, predictivePerWorker]) {
      refuses(
        () => objective(setting.likelihood).loss(one),
        'E_OPTION',
        /at least 2, got 1.*'samples' of vi/,
      );
    }
  });
});
