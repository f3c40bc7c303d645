import assert from 'node:assert/strict';
import * as metrics from '../../lib/metrics';
import { ndarray } from '../../lib/ndarray';
import { keyOf, uniforms } from '../../lib/threefry';
import { assertClose, flat, golden, type GoldenRecord } from '../golden';

/** Row-wise softmax of [..., C], for the case that starts from logits. */
function softmax(logits: Float64Array, classes: number): Float64Array {
  return logits.map((_, j) => {
    const row = logits.subarray(j - (j % classes), j - (j % classes) + classes);
    return Math.exp(logits[j]!) / row.reduce((sum, each) => sum + Math.exp(each), 0);
  });
}

describe('metrics: uncertainty of classifications', () => {
  interface Inputs {
    probs: number[][][];
  }
  const cases = golden<Inputs>('uncertainty', 'classification_uncertainty');
  for (const { name, inputs, expected, tolerance } of cases) {
    it(`uncertainty.json ${name}`, () => {
      const samples = inputs.probs.length;
      const classes = inputs.probs[0]![0]!.length;
      const probs = flat(inputs.probs);
      const options = { samples, classes };
      const moments = metrics.moments(probs, { samples });
      const entropies = metrics.entropySplit(probs, options);
      const variances = metrics.classVarianceSplit(probs, options);
      const got = {
        mean: moments.mean,
        total_entropy: entropies.total,
        expected_entropy: entropies.aleatoric,
        mutual_information: entropies.epistemic,
        normalised_total_entropy: entropies.total.map((each) =>
          classes === 1 ? 0 : each / Math.log(classes),
        ),
        max_prob: metrics.predictions(moments.mean, { classes }).confidence,
        std: metrics.stdOf(moments),
        std_ddof1: samples === 1 ? null : metrics.stdOf(moments, 1),
        total_variance_sum: variances.total,
        aleatoric_variance_sum: variances.aleatoric,
        epistemic_variance_sum: variances.epistemic,
        variation_ratio: metrics.variationRatio(probs, options),
        // the file says null where any probability is 0
        expected_pairwise_kl: probs.includes(0) ? null : metrics.pairwiseKl(probs, options),
      };
      for (const key of Object.keys(expected)) assert.ok(key in got, `no function for ${key}`);
      assertClose(got, expected, tolerance);
      assertClose(metrics.entropy(moments.mean, { classes }), expected['total_entropy']!, tolerance);
    });
  }

  for (const { name, inputs, expected, tolerance } of golden<{ logits: number[][][] }>(
    'uncertainty',
    'from_logits',
  )) {
    it(`uncertainty.json ${name}`, () => {
      const options = { samples: inputs.logits.length, classes: inputs.logits[0]![0]!.length };
      const probs = softmax(flat(inputs.logits), options.classes);
      const { total, aleatoric } = metrics.entropySplit(probs, options);
      const { mean } = metrics.moments(probs, { samples: options.samples });
      assertClose({ mean, total_entropy: total, expected_entropy: aleatoric }, expected, tolerance);
    });
  }

  it('reads the layout from the shape, and needs no options then', () => {
    const logits = uniforms(keyOf(5), 4 * 6 * 3).map((u) => 4 * u);
    const probs = softmax(logits, 3);
    const shaped = ndarray(Float32Array.from(probs), [4, 6, 3]);
    const want = metrics.entropySplit(probs, { samples: 4, classes: 3 });
    const got = metrics.entropySplit(shaped);
    assertClose(got.total, [...want.total], 1e-6);
    assertClose(got.epistemic, [...want.epistemic], 1e-6);
    assert.ok(got.epistemic.every((each, i) => each >= 0 && each <= Math.log(4) && each <= got.total[i]!));
  });

  it('mutual information is at most the expected pairwise divergence', () => {
    const probs = softmax(
      uniforms(keyOf(6), 5 * 20 * 4).map((u) => 6 * u),
      4,
    );
    const options = { samples: 5, classes: 4 };
    const { epistemic } = metrics.entropySplit(probs, options);
    metrics.pairwiseKl(probs, options).forEach((each, i) => assert.ok(each >= epistemic[i]!));
  });

  it('says infinity where a sample holds impossible what another does not', () => {
    const probs = [1, 0, 0.5, 0.5];
    assert.deepEqual(metrics.pairwiseKl(probs, { samples: 2, classes: 2 }), Float64Array.of(Infinity));
  });

  it('has no disagreement for a single member', () => {
    assert.ok(Number.isNaN(metrics.disagreement([0.4, 0.6], { samples: 1, classes: 2 })));
  });
});

describe('metrics: uncertainty of regressions', () => {
  interface Gaussian {
    mean: number[][];
    variance: number[][];
    y: number[];
  }
  const cases = golden<Gaussian>('uncertainty', 'gaussian_uncertainty');
  for (const { name, inputs, expected, tolerance } of cases) {
    it(`uncertainty.json ${name}`, () => {
      const samples = inputs.mean.length;
      const [means, variances, { y }] = [flat(inputs.mean), flat(inputs.variance), inputs];
      const split = metrics.varianceSplit(means, variances, { samples });
      const std = split.total.map(Math.sqrt);
      const z = metrics.normalQuantile(0.975);
      const unbiased = metrics.stdOf(metrics.moments(means, { samples }), 1).map((each) => each ** 2);
      const { mixture_quantiles: levels, ...rest } = expected as { mixture_quantiles: GoldenRecord };
      const got = {
        mean: split.mean,
        aleatoric_variance: split.aleatoric,
        epistemic_variance: split.epistemic,
        total_variance: split.total,
        total_std: std,
        epistemic_variance_ddof1: samples === 1 ? null : unbiased,
        gaussian_band_95: {
          lower: split.mean.map((mean, i) => mean - z * std[i]!),
          upper: split.mean.map((mean, i) => mean + z * std[i]!),
        },
        mixture_log_prob: metrics.mixtureNll(means, variances, y, { reduction: 'none' }).map((each) => -each),
        mixture_cdf: metrics.pitMixture(means, variances, y),
        mixture_crps: metrics.crpsMixture(means, variances, y, { reduction: 'none' }),
      };
      for (const key of Object.keys(rest)) assert.ok(key in got, `no function for ${key}`);
      assertClose(got, rest, tolerance);
      const names = Object.keys(levels);
      const rows = metrics.mixtureQuantiles(means, variances, names.map(Number), { samples });
      names.forEach((level, q) => assertClose(rows[q], levels[level]!, tolerance, `quantile ${level}`));
    });
  }

  interface Bands {
    samples: number[][];
    q: number[];
  }
  for (const { name, inputs, expected, tolerance } of golden<Bands>('uncertainty', 'sample_bands')) {
    it(`uncertainty.json ${name}`, () => {
      const draws = flat(inputs.samples);
      const samples = inputs.samples.length;
      const moments = metrics.moments(draws, { samples });
      const got = {
        quantiles: metrics.quantiles(draws, inputs.q, { samples }),
        mean: moments.mean,
        std_ddof0: metrics.stdOf(moments),
        std_ddof1: samples === 1 ? null : metrics.stdOf(moments, 1),
      };
      assertClose(got, expected, tolerance);
    });
  }

  interface Parts {
    part_a: number[][];
    part_b: number[][];
  }
  for (const { name, inputs, expected, tolerance } of golden<Parts>('uncertainty', 'merge_moments')) {
    it(`uncertainty.json ${name}`, () => {
      const a = metrics.moments(flat(inputs.part_a), { samples: inputs.part_a.length });
      const b = metrics.moments(flat(inputs.part_b), { samples: inputs.part_b.length });
      const got = { ...metrics.mergeMoments(a, b), mean_a: a.mean, m2_a: a.m2, mean_b: b.mean, m2_b: b.m2 };
      assertClose(got, expected, tolerance);
      assertClose(metrics.mergeMoments(b, a).m2, expected['m2']!, tolerance);
    });
  }

  it('of one component, the mixture is that Gaussian', () => {
    const [mean, std, y] = [
      [0.3, -1],
      [0.5, 2],
      [0.1, 1],
    ];
    const variance = std.map((each) => each ** 2);
    assertClose(metrics.mixtureNll(mean, variance, y), metrics.gaussianNll(mean, std, y), 1e-14);
    assertClose(metrics.crpsMixture(mean, variance, y), metrics.crpsGaussian(mean, std, y), 1e-14);
    assertClose(metrics.pitMixture(mean, variance, y), [...metrics.pit(mean, std, y)], 1e-14);
  });

  it('gives the ends of the line for the quantiles 0 and 1 of a mixture', () => {
    const [low, high] = metrics.mixtureQuantiles([0, 1], [1, 1], [0, 1], { samples: 2 });
    assert.deepEqual([low, high], [Float64Array.of(-Infinity), Float64Array.of(Infinity)]);
  });
});
