import { topClass } from './classification';
import type { Numbers } from './input';
import { checkClassStack, type ClassStackOptions } from './probabilities';

/** How many samples vote for each class: [N, C]. */
function votes(probs: Numbers, samples: number, n: number, classes: number): Int32Array {
  const counts = new Int32Array(n * classes);
  for (let row = 0; row < samples * n; row++) counts[(row % n) * classes + topClass(probs, row, classes)]!++;
  return counts;
}

/**
 * Variation ratio: the share of samples that do not vote for the most voted class, in [0, 1 - 1/C].
 *
 * Freeman, "Elementary applied statistics", 1965; Gal, "Uncertainty in deep learning", 2016.
 * @param probs class probabilities of each sample [S, N, C]
 * @returns [N]
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function variationRatio(probs: Numbers, options: ClassStackOptions = {}): Float64Array {
  const what = 'metrics.variationRatio';
  const { samples, rows: n, classes } = checkClassStack(what, probs, options);
  const counts = votes(probs, samples, n, classes);
  return Float64Array.from({ length: n }, (_, i) => {
    return 1 - Math.max(...counts.subarray(i * classes, (i + 1) * classes)) / samples;
  });
}

/**
 * Disagreement: how often two different members of an ensemble predict different classes, the mean over pairs of members
 * and data, in [0, 1]. NaN for a single member.
 *
 * Kuncheva and Whitaker, "Measures of diversity in classifier ensembles", 2003.
 * @param probs class probabilities of each member [S, N, C]
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function disagreement(probs: Numbers, options: ClassStackOptions = {}): number {
  const what = 'metrics.disagreement';
  const { samples, rows: n, classes } = checkClassStack(what, probs, options);
  // of the ordered pairs of members, those that agree choose one class twice
  const agreeing = votes(probs, samples, n, classes).reduce((sum, each) => sum + each * (each - 1), 0);
  return 1 - agreeing / (n * samples * (samples - 1));
}

/**
 * Expected pairwise Kullback-Leibler divergence, in nats: the mean of KL(p_s || p_t) over all S^2 ordered pairs of
 * samples; an epistemic uncertainty, at least the mutual information. Infinite where one sample holds a class impossible
 * that another does not.
 *
 * Malinin and Gales, "Uncertainty estimation in autoregressive structured prediction", ICLR 2021.
 * @param probs class probabilities of each sample [S, N, C]
 * @returns [N]
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function pairwiseKl(probs: Numbers, options: ClassStackOptions = {}): Float64Array {
  const what = 'metrics.pairwiseKl';
  const { samples, rows: n, classes } = checkClassStack(what, probs, options);
  const result = new Float64Array(n);
  const at = (s: number, j: number): number => probs[s * n * classes + j]!;
  for (let j = 0; j < n * classes; j++) {
    for (let s = 0; s < samples; s++) {
      const p = at(s, j);
      if (p === 0) continue; // 0 log 0 = 0
      for (let t = 0; t < samples; t++) {
        result[Math.floor(j / classes)]! += (p * Math.log(p / at(t, j))) / samples ** 2;
      }
    }
  }
  return result;
}
