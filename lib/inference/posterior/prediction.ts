import { takeRows } from '../../data/dataset';
import type { Likelihood } from '../../distributions/likelihood';
import { CredenceError } from '../../errors';
import { entropySplit, mixtureQuantiles, moments, stdOf, varianceSplit } from '../../metrics';
import { level as levelSchema, openLevel } from '../../metrics/level';
import { ndarray, type NdArray, type Shape, sizeOf } from '../../ndarray';
import { validate } from '../../validate';
import { lazy, once } from './lazy';

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
  /** The same by some of the S draws, by number; one may come several times. Its figures are computed when they are read. */
  take(draws: ArrayLike<number>): Classification;
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
  /** The same by some of the S draws, by number; one may come several times. Its figures are computed when they are read. */
  take(draws: ArrayLike<number>): Binary;
}

/** The ends of intervals, in the units of the targets. */
export interface Limits {
  lower: NdArray<Float64Array>;
  upper: NdArray<Float64Array>;
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
  /** [N, D] each: the quantiles between which a new target lies with probability `level`, as much of the rest below as above. */
  interval(level: number): Limits;
  /** The same by some of the S draws, by number; one may come several times. Its figures are computed when they are read. */
  take(draws: ArrayLike<number>): Regression;
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
  /** The same by some of the S draws, by number; one may come several times. Its figures are computed when they are read. */
  take(draws: ArrayLike<number>): Quantiles;
}

/** The kind of prediction that goes with a kind of likelihood. */
export interface Predictions {
  classification: Classification;
  binary: Binary;
  regression: Regression;
  quantiles: Quantiles;
}

/** Averages over the first axis. */
function meanOverSamples(values: NdArray): NdArray {
  const [samples, ...shape] = values.shape as [number, ...number[]];
  const size = sizeOf(shape);
  const mean = new Float64Array(size);
  for (let first = 0; first < values.length; first += size) {
    for (let i = 0; i < size; i++) mean[i]! += values[first + i]!;
  }
  return ndarray(
    Float32Array.from(mean, (sum) => sum / samples),
    shape,
  );
}

/** @throws CredenceError E_OPTION */
function takeDraws(values: NdArray, draws: ArrayLike<number>): NdArray {
  const samples = values.shape[0]!;
  const bad = Array.from(draws).find((draw) => !Number.isInteger(draw) || draw < 0 || draw >= samples);
  if (bad === undefined && draws.length > 0) return takeRows(values, draws);
  const said = bad === undefined ? 'no draws are given' : `there is no draw ${bad}`;
  throw new CredenceError('E_OPTION', `take: ${said}, draws are numbers from 0 to ${samples - 1}`);
}

/*
 * Each kind is made twice: with figures that are computed when they are read, for `take`, which is called a hundred times to find the
 * error of one figure; and as a copy of that, where all of them are there and print as what they are.
 */

/** @param probabilities [S, ..., C] @param shape of what is uncertain */
function entropies(probabilities: NdArray, shape: Shape) {
  const split = once(() => entropySplit(probabilities));
  return {
    total: () => ndarray(split().total, shape),
    aleatoric: () => ndarray(split().aleatoric, shape),
    epistemic: () => ndarray(split().epistemic, shape),
  };
}

const lazyClassification = (probabilities: NdArray): Classification =>
  lazy<Classification>({
    mean: () => meanOverSamples(probabilities),
    ...entropies(probabilities, [probabilities.shape[1]!]),
    samples: () => probabilities,
    take: () => (draws) => lazyClassification(takeDraws(probabilities, draws)),
  });

/** @param probabilities [S, N, C] */
export const classification = (probabilities: NdArray): Classification => ({
  ...lazyClassification(probabilities),
});

function lazyBinary(yes: NdArray): Binary {
  const [samples, ...shape] = yes.shape as [number, number, number];
  const answers = ndarray(
    Float32Array.from({ length: 2 * yes.length }, (_, i) => (i % 2 ? yes[i >> 1]! : 1 - yes[i >> 1]!)),
    [samples, sizeOf(shape), 2],
  );
  return lazy<Binary>({
    mean: () => meanOverSamples(yes),
    ...entropies(answers, shape),
    samples: () => yes,
    take: () => (draws) => lazyBinary(takeDraws(yes, draws)),
  });
}

/** @param yes [S, N, D]: probabilities */
export const binary = (yes: NdArray): Binary => ({ ...lazyBinary(yes) });

/** @param sorted [S, N, L]: those of each sample ascending */
const lazyQuantiles = (sorted: NdArray, levels: readonly number[]): Quantiles =>
  lazy<Quantiles>({
    levels: () => levels,
    mean: () => meanOverSamples(sorted),
    epistemic: () => ndarray(stdOf(moments(sorted)), sorted.shape.slice(1)),
    samples: () => sorted,
    take: () => (draws) => lazyQuantiles(takeDraws(sorted, draws), levels),
  });

/** @param values [S, N, L] */
export function quantiles(values: NdArray, levels: readonly number[]): Quantiles {
  const sorted = ndarray(values.slice(), values.shape);
  for (let i = 0; i < sorted.length; i += levels.length) sorted.subarray(i, i + levels.length).sort();
  return { ...lazyQuantiles(sorted, levels) };
}

function lazyRegression(means: NdArray, variances: NdArray, quantileOf: Likelihood['quantile']): Regression {
  const [samples, rows, size] = means.shape as [number, number, number];
  const shape = [rows, size];
  const split = once(() => varianceSplit(means, variances));
  const std = (variance: Float64Array): NdArray<Float64Array> => ndarray(variance.map(Math.sqrt), shape);
  const isFitted = once(() => variances.every((variance) => variance === 0));
  const ofDatum = (values: NdArray, i: number): Float64Array =>
    Float64Array.from({ length: samples }, (_, s) => values[s * rows * size + i]!);
  const quantile = (given: number): NdArray<Float64Array> => {
    const level = validate(levelSchema, given, 'quantile: level');
    if (quantileOf) {
      const at = (i: number): number => quantileOf(level, ofDatum(means, i), ofDatum(variances, i));
      return ndarray(
        Float64Array.from({ length: rows * size }, (_, i) => at(i)),
        shape,
      );
    }
    const [centers, squares, parts] = isFitted()
      ? [split().mean, split().total, 1] // a mixture of one
      : [means, variances, samples];
    return ndarray(mixtureQuantiles(centers, squares, [level], { samples: parts })[0]!, shape);
  };
  return lazy<Regression>({
    mean: () => ndarray(Float32Array.from(split().mean), shape),
    total: () => std(split().total),
    aleatoric: () => std(split().aleatoric),
    epistemic: () => std(split().epistemic),
    samples: () => means,
    quantile: () => quantile,
    interval: () => (given) => {
      const level = validate(openLevel, given, 'interval: level');
      return { lower: quantile((1 - level) / 2), upper: quantile((1 + level) / 2) };
    },
    take: () => (draws) => lazyRegression(takeDraws(means, draws), takeDraws(variances, draws), quantileOf),
  });
}

/**
 * @param means [S, N, D]
 * @param variances [S, N, D]: all zero if the noise was fitted to the spread of the means
 * @param quantile that of a mixture whose parts are not normal
 */
export const regression = (
  means: NdArray,
  variances: NdArray,
  quantile?: Likelihood['quantile'],
): Regression => ({ ...lazyRegression(means, variances, quantile) });
