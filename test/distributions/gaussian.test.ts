import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { likelihoods } from '../../lib/distributions';
import { tensorflow } from '../../lib/engine/tfjs/tensorflow';
import { ndarray } from '../../lib/ndarray';
import { assertClose } from '../golden';
import { refuses } from '../refuses';

const targets = (values: number[], ...shape: number[]) => ndarray(Float32Array.from(values), shape);

/** -log N(y; mean, std²) */
const nllOf = (y: number, mean: number, std: number): number =>
  0.5 * Math.log(2 * Math.PI) + Math.log(std) + (y - mean) ** 2 / (2 * std ** 2);

describe('distributions: the gaussian likelihood', () => {
  before(() => {
    tensorflow();
  });
  // two samples, two data, two targets
  const means = [
    [
      [0, 1],
      [2, -1],
    ],
    [
      [0.5, 0.5],
      [1, 0],
    ],
  ];
  const y = [
    [0.3, 2],
    [1, -3],
  ];
  const yTensor = () => tf.tensor2d(y);
  const wanted = (std: (sample: number, datum: number, target: number) => number): number[] =>
    means.flatMap((rows, s) =>
      rows.map((row, b) => row.reduce((sum, mean, d) => sum + nllOf(y[b]![d]!, mean, std(s, b, d)), 0)),
    );

  it('with known noise: the closed form, summed over targets', () => {
    const gaussian = likelihoods.gaussian({ noise: 0.3 });
    const nll = gaussian.nll(tf.tensor3d(means), yTensor(), []);
    assert.deepEqual(nll.shape, [2, 2]);
    assertClose(
      nll.dataSync(),
      wanted(() => 0.3),
      1e-5,
    );
    assert.deepEqual(gaussian.parameters, []);
    const [mean, variance] = gaussian.predict(tf.tensor3d(means), []);
    assertClose(mean!.dataSync(), means, 0);
    assertClose(variance!.dataSync(), new Array<number>(8).fill(0.09), 1e-6);
  });

  it('with learned noise: one standard deviation for each target, and its gradient', () => {
    const gaussian = likelihoods.gaussian();
    assert.deepEqual(gaussian.parameters, [{ name: 'logNoise', shape: 'target', initial: Math.log(0.5) }]);
    const stds = [0.5, 2];
    const logNoise = tf.log(tf.tensor1d(stds));
    assertClose(
      gaussian.nll(tf.tensor3d(means), yTensor(), [logNoise]).dataSync(),
      wanted((_s, _b, d) => stds[d]!),
      1e-5,
    );
    const [mean, variance] = gaussian.predict(tf.tensor3d(means), [logNoise]);
    assert.deepEqual(variance!.shape, mean!.shape);
    assertClose(variance!.dataSync(), [0.25, 4, 0.25, 4, 0.25, 4, 0.25, 4], 1e-5);
    // d/d log std = 1 - z^2, summed over samples and data
    const gradient = tf.grad((noise: tf.Tensor) =>
      tf.sum(gaussian.nll(tf.tensor3d(means), yTensor(), [noise])),
    )(logNoise);
    const want = stds.map((std, d) =>
      means.flat().reduce((sum, row, i) => sum + 1 - ((y[i % 2]![d]! - row[d]!) / std) ** 2, 0),
    );
    assertClose(gradient.dataSync(), want, 1e-5);
  });

  it('with predicted noise: the second half of the outputs is the log standard deviation', () => {
    const gaussian = likelihoods.gaussian({ noise: 'predicted' });
    const logStds = means.map((rows) => rows.map((row) => row.map((mean) => mean / 4 - 0.5)));
    const outputs = tf.concat([tf.tensor3d(means), tf.tensor3d(logStds)], -1);
    assertClose(
      gaussian.nll(outputs, yTensor(), []).dataSync(),
      wanted((s, b, d) => Math.exp(logStds[s]![b]![d]!)),
      1e-5,
    );
    const [mean, variance] = gaussian.predict(outputs, []);
    assertClose(mean!.dataSync(), means, 0);
    assertClose(
      variance!.dataSync(),
      logStds.flat(2).map((each) => Math.exp(2 * each)),
      1e-5,
    );
  });

  it('with fitted noise: none for a sample, which therefore has no likelihood', () => {
    const gaussian = likelihoods.gaussian({ noise: 'fitted' });
    assert.deepEqual(gaussian.parameters, []);
    const [mean, variance] = gaussian.predict(tf.tensor3d(means), []);
    assertClose(mean!.dataSync(), means, 0);
    assertClose(variance!.dataSync(), new Array<number>(8).fill(0), 0);
    refuses(() => gaussian.nll(tf.tensor3d(means), yTensor(), []), 'E_OPTION', /objective: 'predictive'/);
  });

  it('takes targets [N] as [N, 1]', () => {
    assert.deepEqual(likelihoods.gaussian().targets(targets([1, 2, 3], 3), [1]), {
      values: Float32Array.of(1, 2, 3),
      shape: [1],
    });
    assert.deepEqual(likelihoods.gaussian().targets(targets([1, 2, 3, 4], 2, 2), [2]).shape, [2]);
  });

  it('refuses models and targets that do not go together', () => {
    const cases = [
      [
        'learned',
        targets([1, 2], 2),
        [3],
        /targets of size 1 need a model with 1 outputs, got outputs of shape \[3\]/,
      ],
      ['learned', targets([1, 2], 1, 2), [1], /targets of size 2 need a model with 2 outputs/],
      ['predicted', targets([1, 2], 2), [1], /with 2 outputs \(a mean and a log standard deviation each\)/],
      ['learned', targets([1, 2], 1, 1, 2), [2], /targets of shape \[N\] or \[N, D\], got \[1, 1, 2\]/],
      ['learned', targets([1], 1), [1, 1], /got outputs of shape \[1, 1\]/],
    ] as const;
    for (const [noise, y, outputs, message] of cases) {
      assert.throws(() => likelihoods.gaussian({ noise }).targets(y, outputs), { code: 'E_SHAPE', message });
    }
  });

  it('refuses a noise that is none', () => {
    for (const noise of [0, -1, NaN, Infinity, 'lerned', null]) {
      assert.throws(() => likelihoods.gaussian({ noise: noise as number }), {
        code: 'E_OPTION',
        message: /'noise' must be 'learned', 'predicted', 'fitted' or a standard deviation above 0, got/,
      });
    }
    assert.throws(() => likelihoods.gaussian({ nois: 1 } as object), {
      code: 'E_OPTION',
      message: "likelihoods.gaussian: unknown option 'nois'. Did you mean 'noise'? Options: noise",
    });
  });
});
