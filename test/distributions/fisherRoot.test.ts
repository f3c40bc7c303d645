import * as tf from '@tensorflow/tfjs';
import { likelihoods } from '../../lib/distributions';
import type { Likelihood } from '../../lib/distributions/likelihood';
import { backend } from '../../lib/engine/tfjs/backend';
import { assertClose } from '../golden';

const outputs = [
  [0.3, -0.7, 1.2, 0.1],
  [-1.1, 0.4, 0.2, 0.9],
];

/** Root times its transpose, [B, C, C]. */
function informationOf(likelihood: Likelihood, parameters: tf.Tensor[] = []): Float32Array {
  const root = likelihood.fisherRoot!(tf.tensor3d([outputs]), parameters);
  return tf.matMul(root, root, true).dataSync() as Float32Array;
}

/** The Hessian of -log p in the outputs, by differences of its gradient. */
function hessianOf(likelihood: Likelihood, y: tf.Tensor, parameters: tf.Tensor[] = []): number[] {
  const gradient = tf.grad((x: tf.Tensor) => tf.sum(likelihood.nll(x, y, parameters)));
  const columns = [0, 1, 2, 3].map((i) => {
    const [up, down] = [0.01, -0.01].map((step) =>
      gradient(tf.tensor3d([outputs.map((row) => row.map((value, j) => value + (i === j ? step : 0)))])),
    );
    return tf.div(tf.sub(up!, down!), 0.02);
  });
  return [...tf.reshape(tf.stack(columns, 3), [-1]).dataSync()];
}

describe('distributions: the Fisher information of likelihoods', () => {
  before(() => void backend());

  const counts = tf.tensor2d([
    [0, 1, 3, 1],
    [1, 0, 2, 0],
  ]);
  const yesNo = tf.tensor2d([
    [0, 1, 1, 0],
    [1, 0, 0, 1],
  ]);
  const cases: [string, Likelihood, tf.Tensor, tf.Tensor[]?][] = [
    ['categorical', likelihoods.categorical(), tf.tensor1d([2, 0], 'int32')],
    ['bernoulli', likelihoods.bernoulli(), yesNo],
    ['poisson', likelihoods.poisson(), counts],
    ['gaussian', likelihoods.gaussian({ noise: 0.3 }), counts],
    ['gaussian', likelihoods.gaussian(), counts, [tf.tensor3d([[[-1, 0, 0.5, 1]]])]],
  ];
  for (const [name, likelihood, y, parameters] of cases) {
    it(`is the Hessian of the ${name} likelihood (${likelihood.name})`, () => {
      assertClose(informationOf(likelihood, parameters), hessianOf(likelihood, y, parameters), 2e-3);
    });
  }

  it('is 1/std² for means and 2 for log standard deviations of predicted noise', () => {
    const diagonals = outputs.map(([, , a, b]) => [Math.exp(-2 * a!), Math.exp(-2 * b!), 2, 2]);
    const want = diagonals.flatMap((diagonal) =>
      diagonal.map((value, i) => [0, 1, 2, 3].map((j) => (i === j ? value : 0))),
    );
    assertClose(informationOf(likelihoods.gaussian({ noise: 'predicted' })), want, 1e-5);
  });
});
