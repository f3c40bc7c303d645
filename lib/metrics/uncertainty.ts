import { CredenceError } from '../errors';
import { checkAligned, checkStack, type Numbers, type StackOptions } from './input';
import { checkClassStack, checkProbs, type ClassOptions, type ClassStackOptions } from './probabilities';

/** An uncertainty and its two parts, one number per datum: total = aleatoric + epistemic. */
export interface UncertaintySplit {
  total: Float64Array;
  /** What remains however much we learn: noise and overlap in the data themselves. */
  aleatoric: Float64Array;
  /** What the samples disagree about: more data would reduce it. */
  epistemic: Float64Array;
}

/** The term of a probability in an entropy, in nats; 0 log 0 = 0. */
const surprise = (p: number): number => (p > 0 ? -p * Math.log(p) : 0);

/**
 * Entropy of class probabilities, in nats: 0 for a sure prediction, log C for a guess.
 * @param probs class probabilities [N, C]
 * @param options.classes C, needed only where `probs` has no shape
 * @returns [N]
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function entropy(probs: Numbers, options: ClassOptions = {}): Float64Array {
  const what = 'metrics.entropy';
  const { rows: n, classes } = checkProbs(what, probs, options);
  const result = new Float64Array(n);
  for (let j = 0; j < probs.length; j++) result[Math.floor(j / classes)]! += surprise(probs[j]!);
  return result;
}

/**
 * Splits the uncertainty of a classification, in nats: total = entropy of the mean probabilities, aleatoric = mean of
 * the entropies, epistemic = their difference, the mutual information of label and weights (never negative).
 *
 * Houlsby et al., "Bayesian active learning for classification and preference learning", 2011; Depeweg et al.,
 * "Decomposition of uncertainty in Bayesian deep learning", ICML 2018.
 * @param probs class probabilities of each sample [S, N, C]
 * @returns three arrays [N]
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function entropySplit(probs: Numbers, options: ClassStackOptions = {}): UncertaintySplit {
  const what = 'metrics.entropySplit';
  const { samples, rows: n, classes } = checkClassStack(what, probs, options);
  const total = new Float64Array(n);
  const aleatoric = new Float64Array(n);
  for (let j = 0; j < n * classes; j++) {
    let mean = 0;
    let surprises = 0;
    for (let s = 0; s < samples; s++) {
      const p = probs[s * n * classes + j]!;
      mean += p / samples;
      surprises += surprise(p) / samples;
    }
    total[Math.floor(j / classes)]! += surprise(mean);
    aleatoric[Math.floor(j / classes)]! += surprises;
  }
  return { total, aleatoric, epistemic: total.map((each, i) => Math.max(0, each - aleatoric[i]!)) };
}

/**
 * Splits the variance of a classification's one-hot label, summed over classes: aleatoric = mean of p (1 - p),
 * epistemic = variance of p over samples.
 *
 * Kwon et al., "Uncertainty quantification using Bayesian neural networks in classification", 2020.
 * @param probs class probabilities of each sample [S, N, C]
 * @returns three arrays [N]
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function classVarianceSplit(probs: Numbers, options: ClassStackOptions = {}): UncertaintySplit {
  const what = 'metrics.classVarianceSplit';
  const { samples, rows: n, classes } = checkClassStack(what, probs, options);
  const aleatoric = new Float64Array(n);
  const epistemic = new Float64Array(n);
  const at = (s: number, j: number): number => probs[s * n * classes + j]!;
  for (let j = 0; j < n * classes; j++) {
    const i = Math.floor(j / classes);
    let mean = 0;
    for (let s = 0; s < samples; s++) mean += at(s, j) / samples;
    for (let s = 0; s < samples; s++) {
      aleatoric[i]! += (at(s, j) * (1 - at(s, j))) / samples;
      epistemic[i]! += (at(s, j) - mean) ** 2 / samples;
    }
  }
  return { total: aleatoric.map((each, i) => each + epistemic[i]!), aleatoric, epistemic };
}

/**
 * Splits the variance of a regression by the law of total variance: aleatoric = mean of the predicted variances,
 * epistemic = variance of the predicted means over samples (divided by S). In squared units of y: take roots for
 * standard deviations.
 * @param means predicted means of each sample [S, ...]
 * @param variances predicted variances of each sample [S, ...]
 * @returns the mean of the means and the three variances, each of the length of one draw
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function varianceSplit(
  means: Numbers,
  variances: Numbers,
  options: StackOptions = {},
): UncertaintySplit & { mean: Float64Array } {
  const what = 'metrics.varianceSplit';
  const { samples, size } = checkStack(what, 'means', means, options);
  checkAligned(what, { means, variances });
  const mean = new Float64Array(size);
  const aleatoric = new Float64Array(size);
  const epistemic = new Float64Array(size);
  for (let j = 0; j < means.length; j++) {
    if (variances[j]! < 0) throw new CredenceError('E_DATA', `${what}: variances[${j}] is ${variances[j]}`);
    mean[j % size]! += means[j]! / samples;
    aleatoric[j % size]! += variances[j]! / samples;
  }
  for (let j = 0; j < means.length; j++) epistemic[j % size]! += (means[j]! - mean[j % size]!) ** 2 / samples;
  return { mean, total: aleatoric.map((each, i) => each + epistemic[i]!), aleatoric, epistemic };
}
