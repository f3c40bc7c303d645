/** Bernoulli, Poisson, Student t and quantiles: values by hand, gradients by differences, what they predict and refuse. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { likelihoods } from '../../lib/distributions';
import type { Likelihood } from '../../lib/distributions/likelihood';
import { tensorflow } from '../../lib/engine/tfjs/tensorflow';
import { pinball } from '../../lib/metrics';
import { ndarray } from '../../lib/ndarray';
import { assertClose } from '../golden';
import { refuses } from '../refuses';

const targets = (values: number[], ...shape: number[]) => ndarray(Float32Array.from(values), shape);
const log = Math.log;

/** Two samples of two data with two outputs each. */
const OUTPUTS = [
  [
    [0.5, -1],
    [2, 0.1],
  ],
  [
    [-0.3, 0],
    [1.5, -2],
  ],
];
const outputs = () => tf.tensor3d(OUTPUTS);

/** [S, B] of a sum over targets. */
const summed = (y: number[][], term: (output: number, y: number, d: number) => number): number[] =>
  OUTPUTS.flatMap((rows) =>
    rows.map((row, b) => row.reduce((sum, output, d) => sum + term(output, y[b]![d]!, d), 0)),
  );

/** The gradients of the mean nll of the samples against central differences, in single precision. */
function checkGradients(likelihood: Likelihood, y: tf.Tensor, parameters: tf.Tensor[]): void {
  const loss = (outputs: tf.Tensor, ...parameters: tf.Tensor[]): tf.Tensor =>
    tf.sum(likelihood.nll(outputs, y, parameters));
  const args = [outputs(), ...parameters];
  const gradients = tf.grads(loss)(args);
  const step = 1e-2;
  args.forEach((arg, a) => {
    const values = arg.dataSync();
    const differences = Array.from(values, (_, i) => {
      const [up, down] = [step, -step].map((by) => {
        const moved = values.slice();
        moved[i]! += by;
        return loss(
          ...(args.map((each, j) => (j === a ? tf.tensor(moved, each.shape) : each)) as [tf.Tensor]),
        ).dataSync()[0]!;
      });
      return (up! - down!) / (2 * step);
    });
    assertClose(gradients[a]!.dataSync(), differences, 2e-3, `argument ${a}`);
  });
}

describe('distributions: the bernoulli likelihood', () => {
  before(() => {
    tensorflow();
  });
  const y = [
    [1, 0],
    [0, 1],
  ];
  const bernoulli = likelihoods.bernoulli();
  const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

  it('is -log of the probability of each answer, summed over questions', () => {
    const want = summed(y, (logit, answer) => -log(answer ? sigmoid(logit) : 1 - sigmoid(logit)));
    assertClose(bernoulli.nll(outputs(), tf.tensor2d(y), []).dataSync(), want, 1e-6);
    checkGradients(bernoulli, tf.tensor2d(y), []);
  });

  it('loses no digits where it is sure: exp(-20), and 200 where it is wrong', () => {
    const nll = bernoulli.nll(tf.tensor3d([[[20], [-200]]]), tf.tensor2d([[1], [1]]), []).dataSync();
    assert.ok(Math.abs(nll[0]! / Math.exp(-20) - 1) < 1e-5);
    assertClose(nll[1], 200, 1e-5);
  });

  it('predicts probabilities, and the mixture of the samples', () => {
    const [probabilities] = bernoulli.predict(outputs(), []);
    assertClose(probabilities!.dataSync(), OUTPUTS.flat(2).map(sigmoid), 1e-6);
    const { statistics, nll } = bernoulli.predictive!;
    const [first, second] = [0, 1].map((s) =>
      OUTPUTS[s]!.map((row, b) =>
        row.reduce((p, logit, d) => p * (y[b]![d] ? sigmoid(logit) : 1 - sigmoid(logit)), 1),
      ),
    );
    const want = first!.map((p, b) => -log((p + second![b]!) / 2));
    const got = nll(statistics(outputs(), tf.tensor2d(y), []), tf.tensor2d(y), 2);
    assertClose(got.dataSync(), want, 1e-5);
  });

  it('takes answers [N] and [N, D] of 0 and 1, and no others', () => {
    assert.deepEqual(bernoulli.targets(targets([0, 1, 1], 3), [1]).shape, [1]);
    assert.deepEqual(bernoulli.targets(targets([0, 1, 1, 1], 2, 2), [2]).shape, [2]);
    refuses(
      () => bernoulli.targets(targets([0, 1, 0, 2], 2, 2), [2]),
      'E_DATA',
      /^target 2 at row 1 is neither 0 nor 1.*categorical/,
    );
    refuses(
      () => bernoulli.targets(targets([0, 1], 2), [2]),
      'E_SHAPE',
      /targets of size 1 need a model with 1 outputs/,
    );
    refuses(
      () => bernoulli.targets(targets([0, 1], 1, 2, 1), [2]),
      'E_SHAPE',
      /the bernoulli likelihood needs targets of shape/,
    );
  });
});

describe('distributions: the poisson likelihood', () => {
  before(() => {
    tensorflow();
  });
  const y = [
    [0, 3],
    [7, 1],
  ];
  const poisson = likelihoods.poisson();
  const mass = (rate: number, count: number): number => {
    let p = Math.exp(-rate);
    for (let k = 1; k <= count; k++) p *= rate / k;
    return p;
  };

  it('is -log of rate^y exp(-rate) / y!, summed over targets', () => {
    const want = summed(y, (logRate, count) => -log(mass(Math.exp(logRate), count)));
    assertClose(poisson.nll(outputs(), tf.tensor2d(y), []).dataSync(), want, 1e-6);
    checkGradients(poisson, tf.tensor2d(y), []);
  });

  it('predicts the rate as mean and as variance', () => {
    const rates = OUTPUTS.flat(2).map(Math.exp);
    for (const part of poisson.predict(outputs(), [])) assertClose(part.dataSync(), rates, 1e-5);
  });

  it('has the quantiles of the mixture: the smallest count that is likely enough', () => {
    const rates = Float64Array.of(0.5, 20);
    for (const level of [0, 0.001, 0.25, 0.5, 0.75, 0.99, 0.999999]) {
      const quantile = poisson.quantile!(level, rates, rates);
      const upTo = (count: number): number => {
        let sum = 0;
        for (let k = 0; k <= count; k++) sum += (mass(0.5, k) + mass(20, k)) / 2;
        return sum;
      };
      assert.ok(
        upTo(quantile) >= level && (quantile === 0 || upTo(quantile - 1) < level),
        `${level}: ${quantile}`,
      );
    }
    // exp(-rate) is 0 in double precision: the normal approximation is right to a few counts
    const many = poisson.quantile!(0.975, Float64Array.of(2000), Float64Array.of(2000));
    assert.ok(Math.abs(many - (2000 + 1.96 * Math.sqrt(2000))) < 3, String(many));
  });

  it('takes counts, and nothing else', () => {
    assert.deepEqual(poisson.targets(targets([0, 4], 2), [1]), { values: Float32Array.of(0, 4), shape: [1] });
    refuses(() => poisson.targets(targets([0, 0.5], 2), [1]), 'E_DATA', /^target 0.5 at row 1 is no count/);
    refuses(() => poisson.targets(targets([-1, 2], 2), [1]), 'E_DATA', /^target -1 at row 0 is no count/);
  });
});

describe('distributions: the student t likelihood', () => {
  before(() => {
    tensorflow();
  });
  const y = [
    [1, -2],
    [30, 0],
  ];
  const scales = [0.5, 2];
  const logScale = () => tf.log(tf.tensor1d(scales));
  const studentT = likelihoods.studentT({ df: 4 });
  /** The density of t with 4 degrees of freedom is 3/8 (1 + z^2 / 4)^(-5/2). */
  const density = (error: number, scale: number): number =>
    (0.375 / scale) * (1 + (error / scale) ** 2 / 4) ** -2.5;

  it('is -log of the density, summed over targets', () => {
    const want = summed(y, (mean, target, d) => -log(density(target - mean, scales[d]!)));
    assertClose(studentT.nll(outputs(), tf.tensor2d(y), [logScale()]).dataSync(), want, 1e-5);
    checkGradients(studentT, tf.tensor2d(y), [logScale()]);
  });

  it('lets an outlier pull less the further it is off', () => {
    const pull = (error: number): number =>
      tf
        .grad((mean: tf.Tensor) => tf.sum(studentT.nll(mean, tf.tensor2d([[error]]), [tf.tensor1d([0])])))(
          tf.tensor3d([[[0]]]),
        )
        .dataSync()[0]!;
    assert.ok(Math.abs(pull(100)) < Math.abs(pull(10)) && Math.abs(pull(10)) < Math.abs(pull(2)));
  });

  it('predicts mean and variance, scale² df / (df - 2), and quantiles of the mixture', () => {
    const [mean, variance] = studentT.predict(outputs(), [logScale()]);
    assertClose(mean!.dataSync(), OUTPUTS, 1e-7);
    assertClose(variance!.dataSync(), [0.5, 8, 0.5, 8, 0.5, 8, 0.5, 8], 1e-5);
    // two components far apart: a level of 0.45 is the 0.9 quantile of the lower one
    const quantile = (level: number, ...means: number[]): number =>
      studentT.quantile!(level, Float64Array.from(means), new Float64Array(means.length).fill(2));
    assertClose(quantile(0.45, 0, 1e6), quantile(0.9, 0), 1e-6);
    assertClose(quantile(0.5, -1, 3), 1, 1e-9);
    assert.deepEqual([quantile(0, 1), quantile(1, 1)], [-Infinity, Infinity]);
  });

  it('refuses degrees of freedom without a variance', () => {
    for (const df of [2, -1, NaN]) {
      refuses(
        () => likelihoods.studentT({ df }),
        'E_OPTION',
        /option 'df' must be a number above 2.*variance is infinite/,
      );
    }
    assert.equal(studentT.name, 'student t (df 4)');
  });
});

describe('distributions: the quantile likelihood', () => {
  before(() => {
    tensorflow();
  });
  const levels = [0.1, 0.75];
  const quantile = likelihoods.quantile({ levels });
  const y = [1, 0];

  it('is the pinball loss as an asymmetric Laplace density of each level, with its scale', () => {
    const scales = [0.7, 2];
    const want = OUTPUTS.flatMap((rows) =>
      rows.map((row, b) =>
        row.reduce((sum, output, l) => {
          const [tau, scale] = [levels[l]!, scales[l]!];
          const loss = pinball([output], [y[b]!], { tau });
          return sum + loss / scale + log(scale) - log(tau * (1 - tau));
        }, 0),
      ),
    );
    const parameters = scales.map((scale) => tf.log(tf.tensor1d([scale])));
    assert.deepEqual(
      quantile.parameters.map(({ name }) => name),
      ['logScale.0.1', 'logScale.0.75'],
    );
    const yTensor = tf.tensor2d(y, [2, 1]);
    assertClose(quantile.nll(outputs(), yTensor, parameters).dataSync(), want, 1e-5);
    checkGradients(quantile, tf.tensor2d([1.013, 0.037], [2, 1]), parameters);
  });

  it('is least where the share below the output is the level', () => {
    const ys = tf.range(0, 100);
    const lossAt = (q: number): number =>
      tf
        .mean(
          likelihoods
            .quantile({ levels: [0.3] })
            .nll(tf.fill([1, 100, 1], q), tf.reshape(ys, [100, 1]), [tf.tensor1d([0])]),
        )
        .dataSync()[0]!;
    assert.ok(lossAt(29.5) < lossAt(28) && lossAt(29.5) < lossAt(31.5));
  });

  it('takes one target, and levels that ascend', () => {
    assert.deepEqual(quantile.targets(targets([1, 2, 3], 3), [2]).shape, [1]);
    refuses(
      () => quantile.targets(targets([1, 2, 3], 3), [1]),
      'E_SHAPE',
      /need a model with 2 outputs \(one for each level\), got outputs of shape \[1\]/,
    );
    refuses(
      () => quantile.targets(targets([1, 2], 1, 2), [4]),
      'E_SHAPE',
      /needs one target, of shape \[N\] or \[N, 1\], got \[1, 2\]/,
    );
    for (const levels of [[], [0.5, 0.1], [0.5, 0.5], [0, 0.5], [0.5, 1], 0.5]) {
      refuses(
        () => likelihoods.quantile({ levels } as object),
        'E_OPTION',
        /'levels' must be ascending numbers between 0 and 1/,
      );
    }
    assert.equal(quantile.name, 'quantile (levels 0.1, 0.75)');
    assert.equal(quantile.predictive, undefined);
  });
});
