/** Problems with a known posterior, and the draws of samplers for them. */
import assert from 'node:assert/strict';
import { likelihoods, priors } from '../../../lib/distributions';
import type { Prior } from '../../../lib/distributions/prior';
import { fit } from '../../../lib/fit';
import type { Method, Program } from '../../../lib/inference/method';
import type { Posterior } from '../../../lib/inference/posterior/posterior';
import { dense } from '../../../lib/layers';
import { functional } from '../../../lib/layers/functional';
import * as tf from '@tensorflow/tfjs';
import { sgd } from '../../../lib/optimizers';
import { type GoldenCase, golden } from '../../golden';
import '../../problems';

interface Regression {
  X: number[][];
  y: number[];
  prior_precision: number;
  noise_precision: number;
}
interface Exact {
  posterior_mean: number[];
  posterior_cov: number[][];
}

export const [conjugate] = golden<Regression, Exact>('inference', 'bayesian_linear_regression') as [
  GoldenCase<Regression, Exact>,
];
assert.equal(conjugate.name, 'bayesian_linear_regression/random');
const { X, y, prior_precision, noise_precision } = conjugate.inputs;

/** Bayesian linear regression, whose posterior is known: one layer without bias, known noise, all data in each step. */
export const fitConjugate = (method: Method, steps: number): Promise<Posterior<'regression'>> =>
  fit(
    dense({ units: 1, bias: false }),
    { x: X, y },
    {
      likelihood: likelihoods.gaussian({ noise: noise_precision ** -0.5 }),
      method,
      batchSize: y.length,
      epochs: steps,
      devices: 1,
    },
  ).done;

export const conjugatePrior = priors.normal(0, prior_precision ** -0.5);

/**
 * Compares draws of the weights with the exact posterior. @param tolerance of means in standard deviations, of covariances as a share of
 * the product of standard deviations
 */
export function assertConjugate(
  variables: Posterior['variables'],
  { mean, covariance }: { mean: number; covariance: number },
): void {
  const draws = variables.get('kernel')!;
  const [count, size] = draws.shape as [number, number];
  const { posterior_mean, posterior_cov } = conjugate.expected;
  const at = (draw: number, i: number): number => draws[draw * size + i]!;
  const averageOf = (f: (draw: number) => number): number =>
    Array.from({ length: count }, (_, draw) => f(draw)).reduce((sum, value) => sum + value, 0) / count;
  const means = posterior_mean.map((_, i) => averageOf((draw) => at(draw, i)));
  posterior_cov.forEach((row, i) => {
    const std = Math.sqrt(row[i]!);
    const off = Math.abs(means[i]! - posterior_mean[i]!) / std;
    assert.ok(off < mean, `mean ${i} is off by ${off} standard deviations`);
    row.forEach((want, j) => {
      const got = averageOf((draw) => (at(draw, i) - means[i]!) * (at(draw, j) - means[j]!));
      const gap = Math.abs(got - want) / (std * Math.sqrt(posterior_cov[j]![j]!));
      assert.ok(gap < covariance, `covariance ${i}, ${j} is ${got}, wanted ${want}: off by ${gap}`);
    });
  });
}

/** The program of a method for one vector of weights whose posterior is a given prior: the data say nothing. */
export const ofPrior = (method: (prior: Prior) => Method, size: number, logProb: Prior['logProb']): Program =>
  method({ name: 'given', logProb }).build({
    model: functional({
      parameters: { q: { shape: [size] } },
      apply: (x, { q }) => tf.add(tf.mul(x, 0), tf.mul(tf.sum(q), 0)),
      outputShape: [1],
    }),
    likelihood: likelihoods.gaussian({ noise: 1 }),
    optimizer: sgd(),
    inputShape: [1],
    targetShape: [1],
    size: 1,
    steps: 100,
    stepsPerEpoch: 1,
  });
