import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { binary, classification, quantiles, regression } from '../../../lib/inference/posterior/prediction';
import { ndarray, type NdArray } from '../../../lib/ndarray';
import { keyOf, normals, uniforms } from '../../../lib/threefry';
import { assertClose, flat, golden, type GoldenRecord } from '../../golden';
import { refuses } from '../../refuses';

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

  it('an interval lies between the quantiles that leave equally much on both sides', () => {
    const p = regression(floats([[[0], [5]], [[2], [5]]], 3), floats([[[1], [4]], [[1], [4]]], 3)); // prettier-ignore
    const { lower, upper } = p.interval(0.9);
    assert.deepEqual(lower, p.quantile((1 - 0.9) / 2));
    assert.deepEqual(upper, p.quantile((1 + 0.9) / 2));
    assertClose([lower[1]!, upper[1]!], [5 - 2 * 1.644854, 5 + 2 * 1.644854], 1e-6);
    refuses(() => p.interval(1), 'E_OPTION', /interval: level: must be in \(0, 1\), got 1/);
    refuses(() => p.quantile(2), 'E_OPTION', /quantile: level: must be in \[0, 1\], got 2/);
  });

  const draws = ndarray(Float32Array.from(normals(keyOf(1), 24)), [4, 3, 2]);
  const shares = ndarray(Float32Array.from(uniforms(keyOf(2), 24)), [4, 3, 2]);
  const both = ndarray(shares.map((p, i) => (i % 2 ? 1 - shares[i - 1]! : p)), [4, 3, 2]); // prettier-ignore
  const made = {
    classification: (s: NdArray) => classification(s),
    binary: (s: NdArray) => binary(s),
    regression: (s: NdArray) => regression(s, ndarray(s.map(Math.abs), s.shape)),
    quantiles: (s: NdArray) => quantiles(s, [0.2, 0.7]),
  };
  for (const [kind, make] of Object.entries(made)) {
    const all = { classification: both, binary: shares }[kind] ?? draws;
    it(`of some of the draws is that of these alone: ${kind}`, () => {
      const some = make(all).take([3, 1, 1]);
      const rows = [3, 1, 1].flatMap((draw) => [...all.subarray(6 * draw, 6 * draw + 6)]);
      const alone = make(ndarray(Float32Array.from(rows), [3, 3, 2]));
      for (const [name, value] of Object.entries(alone)) {
        if (typeof value !== 'function') assert.deepEqual(some[name as keyof typeof some], value, name);
      }
      assert.deepEqual(some.mean.shape, [3, 2]);
      for (const bad of [[4], [-1], [0.5], []]) refuses(() => make(all).take(bad), 'E_OPTION', /from 0 to 3/);
    });

    it(`has all its figures there, and prints them: ${kind}`, () => {
      assert.doesNotMatch(inspect(make(all)), /\[Getter/);
      const some = make(all).take([0]);
      assert.equal(some.mean, some.mean, 'a figure is computed once');
    });
  }
});
