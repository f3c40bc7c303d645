import { entropySplit, mixtureQuantiles, varianceSplit } from '../metrics';
import { ndarray, type NdArray, type Shape } from '../ndarray';

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
   * [N, D]: the value below which a new target lies with probability `level`, by the mixture of what the samples predict; of the normal
   * distribution with this mean and total where the noise was fitted to the spread of the samples.
   */
  quantile(level: number): NdArray<Float64Array>;
}

/** The kind of prediction that goes with a kind of likelihood. */
export interface Predictions {
  classification: Classification;
  regression: Regression;
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

/** @param means [S, N, D] @param variances [S, N, D]: all zero if the noise was fitted to the spread of the means */
export function regression(means: NdArray, variances: NdArray): Regression {
  const [, rows, size] = means.shape as [number, number, number];
  const split = varianceSplit(means, variances);
  const std = (variance: Float64Array): NdArray<Float64Array> =>
    ndarray(variance.map(Math.sqrt), [rows, size]);
  const isFitted = variances.every((variance) => variance === 0);
  const [centers, squares] = isFitted
    ? [split.mean, split.total].map((values) => ndarray(values, [1, rows, size])) // a mixture of one
    : [means, variances];
  return {
    mean: ndarray(Float32Array.from(split.mean), [rows, size]),
    total: std(split.total),
    aleatoric: std(split.aleatoric),
    epistemic: std(split.epistemic),
    samples: means,
    quantile: (level) => ndarray(mixtureQuantiles(centers, squares, [level])[0]!, [rows, size]),
  };
}
