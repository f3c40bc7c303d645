import type { Likelihood } from '../distributions/likelihood';
import { entropySplit, mixtureQuantiles, moments, stdOf, varianceSplit } from '../metrics';
import { level as levelSchema } from '../metrics/level';
import { ndarray, type NdArray, type Shape, sizeOf } from '../ndarray';
import { validate } from '../validate';

/** What the posterior predicts for N inputs and C classes. Uncertainties are in nats. */
export interface Classification {
  /** [N, C]: probabilities, averaged over the samples. */
  mean: NdArray;
  /** [N]: entropy of the mean probabilities. */
  total: NdArray<Float64Array>;
  /** [N]: what no amount of data would remove: mean entropy of the samples. */
  aleatoric: NdArray<Float64Array>;
  /** [N]: what the samples disagree about: mutual information of label and weights. */
  epistemic: NdArray<Float64Array>;
  /** [S, N, C]: probabilities by each sample. */
  samples: NdArray;
}

/** What the posterior predicts for N inputs and D yes-or-no questions. Uncertainties are in nats. */
export interface Binary {
  /** [N, D]: probabilities of yes, averaged over the samples. */
  mean: NdArray;
  /** [N, D]: entropy of each answer, and its parts as of `Classification`. */
  total: NdArray<Float64Array>;
  aleatoric: NdArray<Float64Array>;
  epistemic: NdArray<Float64Array>;
  /** [S, N, D]: probabilities of yes by each sample. */
  samples: NdArray;
}

/** What the posterior predicts for N inputs and D targets. Uncertainties are standard deviations, in the units of the targets. */
export interface Regression {
  /** [N, D] */
  mean: NdArray;
  /** [N, D]: all uncertainty, noise included. */
  total: NdArray<Float64Array>;
  /** [N, D]: the noise of the data. */
  aleatoric: NdArray<Float64Array>;
  /** [N, D]: what the samples disagree about. */
  epistemic: NdArray<Float64Array>;
  /** [S, N, D]: the mean by each sample: draws of the function. */
  samples: NdArray;
  /**
   * [N, D]: the value below which a new target lies with probability `level`, by the mixture of what the samples predict (of counts, the
   * smallest up to which it does); of the normal distribution with this mean and total where the noise was fitted to the spread of the
   * samples.
   */
  quantile(level: number): NdArray<Float64Array>;
}

/** What the posterior predicts for N inputs: L quantiles of a target, in its units. */
export interface Quantiles {
  /** [L]: ascending numbers in (0, 1). */
  levels: readonly number[];
  /** [N, L]: the quantiles, averaged over the samples. Those of a sample are sorted first, so that they never cross. */
  mean: NdArray;
  /** [N, L]: what the samples disagree about, as a standard deviation. */
  epistemic: NdArray<Float64Array>;
  /** [S, N, L]: the quantiles by each sample. */
  samples: NdArray;
}

/** The kind of prediction that goes with a kind of likelihood. */
export interface Predictions {
  classification: Classification;
  binary: Binary;
  regression: Regression;
  quantiles: Quantiles;
}

/** Averages over the first axis. */
function meanOverSamples(values: Float32Array, samples: number, shape: Shape): NdArray {
  const size = values.length / samples;
  const mean = new Float64Array(size);
  values.forEach((value, i) => (mean[i % size]! += value));
  return ndarray(
    Float32Array.from(mean, (sum) => sum / samples),
    shape,
  );
}

/** @param probabilities [S, N, C] */
export function classification(probabilities: NdArray): Classification {
  const [samples, rows, classes] = probabilities.shape as [number, number, number];
  const { total, aleatoric, epistemic } = entropySplit(probabilities);
  return {
    mean: meanOverSamples(probabilities, samples, [rows, classes]),
    total: ndarray(total, [rows]),
    aleatoric: ndarray(aleatoric, [rows]),
    epistemic: ndarray(epistemic, [rows]),
    samples: probabilities,
  };
}

/** @param yes [S, N, D]: probabilities */
export function binary(yes: NdArray): Binary {
  const [samples, ...shape] = yes.shape as [number, number, number];
  const answers = ndarray(
    Float32Array.from({ length: 2 * yes.length }, (_, i) => (i % 2 ? yes[i >> 1]! : 1 - yes[i >> 1]!)),
    [samples, sizeOf(shape), 2],
  );
  const { total, aleatoric, epistemic } = entropySplit(answers);
  return {
    mean: meanOverSamples(yes, samples, shape),
    total: ndarray(total, shape),
    aleatoric: ndarray(aleatoric, shape),
    epistemic: ndarray(epistemic, shape),
    samples: yes,
  };
}

/** @param values [S, N, L] */
export function quantiles(values: NdArray, levels: readonly number[]): Quantiles {
  const [samples, ...shape] = values.shape as [number, number, number];
  const sorted = ndarray(values.slice(), values.shape);
  for (let i = 0; i < sorted.length; i += levels.length) sorted.subarray(i, i + levels.length).sort();
  return {
    levels,
    mean: meanOverSamples(sorted, samples, shape),
    epistemic: ndarray(stdOf(moments(sorted)), shape),
    samples: sorted,
  };
}

/**
 * @param means [S, N, D]
 * @param variances [S, N, D]: all zero if the noise was fitted to the spread of the means
 * @param quantile that of a mixture whose parts are not normal
 */
export function regression(
  means: NdArray,
  variances: NdArray,
  quantile?: Likelihood['quantile'],
): Regression {
  const [samples, rows, size] = means.shape as [number, number, number];
  const split = varianceSplit(means, variances);
  const std = (variance: Float64Array): NdArray<Float64Array> =>
    ndarray(variance.map(Math.sqrt), [rows, size]);
  const isFitted = variances.every((variance) => variance === 0);
  const [centers, squares] = isFitted
    ? [split.mean, split.total].map((values) => ndarray(values, [1, rows, size])) // a mixture of one
    : [means, variances];
  const ofDatum = (values: NdArray, i: number): Float64Array =>
    Float64Array.from({ length: samples }, (_, s) => values[s * rows * size + i]!);
  const quantileOf = (level: number, i: number): number =>
    quantile!(level, ofDatum(means, i), ofDatum(variances, i));
  return {
    mean: ndarray(Float32Array.from(split.mean), [rows, size]),
    total: std(split.total),
    aleatoric: std(split.aleatoric),
    epistemic: std(split.epistemic),
    samples: means,
    quantile(given) {
      const level = validate(levelSchema, given, 'quantile: level');
      const values = quantile
        ? Float64Array.from({ length: rows * size }, (_, i) => quantileOf(level, i))
        : mixtureQuantiles(centers, squares, [level])[0]!;
      return ndarray(values, [rows, size]);
    },
  };
}
