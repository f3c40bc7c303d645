import assert from 'node:assert/strict';
import { classification, regression } from '../../lib/inference/prediction';
import { ndarray, type NdArray } from '../../lib/ndarray';
import { assertClose, flat, golden, type GoldenRecord } from '../golden';

/** A nested list as the single precision array that the model gives. */
function floats(nested: number[][] | number[][][], rank: number): NdArray {
  const shape: number[] = [];
  for (let level: unknown = nested; Array.isArray(level); level = (level as unknown[])[0])
    shape.push(level.length);
  while (shape.length < rank) shape.push(1);
  return ndarray(Float32Array.from(flat(nested)), shape);
}

describe('inference: what is made of the samples', () => {
  interface Probabilities {
    probs: number[][][];
  }
  for (const { name, inputs, expected, tolerance_f32 } of golden<Probabilities>(
    'uncertainty',
    'classification_uncertainty',
  )) {
    it(`uncertainty.json ${name}`, () => {
      const samples = floats(inputs.probs, 3);
      const { mean, total, aleatoric, epistemic } = classification(samples);
      assertClose(mean, expected['mean']!, tolerance_f32, 'mean');
      assertClose(total, expected['total_entropy']!, tolerance_f32, 'total');
      assertClose(aleatoric, expected['expected_entropy']!, tolerance_f32, 'aleatoric');
      assertClose(epistemic, expected['mutual_information']!, tolerance_f32, 'epistemic');
      assert.deepEqual(mean.shape, samples.shape.slice(1));
      assert.deepEqual(epistemic.shape, [samples.shape[1]]);
    });
  }

  it('samples without noise are points that a normal distribution is fitted to', () => {
    const means = floats([[[1], [0]], [[3], [0.5]]], 3); // prettier-ignore
    const { mean, total, aleatoric, quantile } = regression(means, floats([[[0], [0]], [[0], [0]]], 3)); // prettier-ignore
    assertClose(mean, [2, 0.25], 1e-7);
    assertClose(total, [1, 0.25], 1e-7);
    assertClose(aleatoric, [0, 0], 0);
    assertClose(quantile(0.975), [2 + 1.959964, 0.25 + 1.959964 / 4], 1e-6);
  });

  interface Moments {
    mean: number[][];
    variance: number[][];
  }
  interface Wanted extends GoldenRecord {
    mixture_quantiles: GoldenRecord;
  }
  for (const { name, inputs, expected, tolerance_f32 } of golden<Moments, Wanted>(
    'uncertainty',
    'gaussian_uncertainty',
  )) {
    it(`uncertainty.json ${name}`, () => {
      const { mean, total, aleatoric, epistemic, quantile } = regression(
        floats(inputs.mean, 3),
        floats(inputs.variance, 3),
      );
      const squared = (std: Float64Array): Float64Array => std.map((each) => each ** 2);
      assertClose(mean, expected['mean']!, tolerance_f32, 'mean');
      assertClose(squared(aleatoric), expected['aleatoric_variance']!, tolerance_f32, 'aleatoric');
      assertClose(squared(epistemic), expected['epistemic_variance']!, tolerance_f32, 'epistemic');
      assertClose(total, expected['total_std']!, tolerance_f32, 'total');
      for (const [level, want] of Object.entries(expected.mixture_quantiles)) {
        assertClose(quantile(Number(level)), want, tolerance_f32, `quantile ${level}`);
      }
    });
  }
});
