import type { Numbers } from '../metrics';

/** How a class is scored: the larger, the stranger it would be as the label. */
export type ClassScore = 'lac' | 'aps' | 'raps';

export interface ClassScoreOptions {
  score: ClassScore;
  /** Of 'raps': what each class beyond the first `kReg` adds to the score. */
  lambda: number;
  kReg: number;
}

/**
 * Scores all classes of one datum.
 *
 * - 'lac': 1 - p of the class. The smallest sets on average; Sadinle et al., "Least ambiguous set-valued classifiers with bounded error
 *   levels", 2019.
 * - 'aps': the probability of all classes that are more probable, and a random share of its own: sets that grow where the model is unsure;
 *   Romano, Sesia and Candes, "Classification with valid and adaptive coverage", NeurIPS 2020.
 * - 'raps': the same with lambda (rank - kReg) for ranks beyond kReg, which keeps improbable classes out of large sets; Angelopoulos et al.,
 *   "Uncertainty sets for image classifiers using conformal prediction", ICLR 2021.
 * @param probs [C]: of one datum
 * @param u in (0, 1), the random share, one for each datum
 * @returns [C]
 */
export function classScores(
  probs: Numbers,
  u: number,
  { score, lambda, kReg }: ClassScoreOptions,
): Float64Array {
  if (score === 'lac') return Float64Array.from(probs, (p) => 1 - p);
  const scores = new Float64Array(probs.length);
  let above = 0;
  byProbability(probs).forEach((k, rank) => {
    const penalty = score === 'raps' ? lambda * Math.max(0, rank + 1 - kReg) : 0;
    scores[k] = above + u * probs[k]! + penalty;
    above += probs[k]!;
  });
  return scores;
}

/** The classes, the most probable first. */
export const byProbability = (probs: Numbers): number[] =>
  Array.from(probs, (_, k) => k).sort((a, b) => probs[b]! - probs[a]!);
