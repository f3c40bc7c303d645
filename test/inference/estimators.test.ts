import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { likelihoods } from '../../lib/distributions';
import { jit } from '../../lib/engine/jit';
import { tensorflow } from '../../lib/engine/tensorflow';
import type { EstimatorName } from '../../lib/inference/estimators';
import { vi } from '../../lib/inference/vi';
import { dense } from '../../lib/layers';
import { sgd } from '../../lib/optimizers';
import { curves } from '../problems';
import { keysOf, startVectors } from '../programs';

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
  });
  const run = jit((...[x, y, keys, ...vectors]: tf.Tensor[]) =>
    program.gradients(vectors, { x: x!, y: y!, keys: keys! }),
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
  let weights: ReturnType<typeof statistics>;
  let local: ReturnType<typeof statistics>;
  before(() => {
    tensorflow();
    [weights, local] = [statistics('weights'), statistics('local')];
  });

  it('have the same mean gradient: within 4.5 standard errors of their difference', () => {
    weights.mean.forEach((mean, i) => {
      const error = Math.sqrt((weights.variance[i]! + local.variance[i]!) / STEPS);
      assert.ok(
        Math.abs(mean - local.mean[i]!) < 4.5 * error,
        `gradient ${i}: ${mean} and ${local.mean[i]}, error ${error}`,
      );
    });
  });

  it('local reparameterisation has less than half the variance', () => {
    const total = ({ variance }: typeof local): number => variance.reduce((a, b) => a + b);
    assert.ok(total(local) < total(weights) / 2, `${total(local)} and ${total(weights)}`);
  });
});
