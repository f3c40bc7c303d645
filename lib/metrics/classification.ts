import * as v from 'valibot';
import { validate } from '../validate';
import type { Numbers } from './input';
import { level } from './level';
import { checkClassification, checkProbs, type ClassOptions } from './probabilities';
import { reduce, reductionOption, type Reduced, type Reduction, type ReductionOptions } from './reduction';

/** The class with the highest probability of row i, the first one of several; `classes` columns. */
export function topClass(probs: Numbers, i: number, classes: number): number {
  let best = 0;
  for (let k = 1; k < classes; k++) if (probs[i * classes + k]! > probs[i * classes + best]!) best = k;
  return best;
}

/** What a classifier says, without its doubts: the most probable class and its probability. */
export interface Predictions {
  /** [N] class numbers; the first of equally probable ones. */
  label: Int32Array;
  /** [N] their probabilities. */
  confidence: Float64Array;
}

/**
 * The most probable class of each row, and how probable it is.
 * @param probs class probabilities [N, C]
 * @param options.classes C, needed only where `probs` has no shape
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function predictions(probs: Numbers, options: ClassOptions = {}): Predictions {
  const what = 'metrics.predictions';
  const { rows: n, classes } = checkProbs(what, probs, options);
  const label = Int32Array.from({ length: n }, (_, i) => topClass(probs, i, classes));
  const confidence = Float64Array.from(label, (k, i) => probs[i * classes + k]!);
  return { label, confidence };
}

/**
 * Share of rows whose most probable class is the label; of equally probable classes the first counts.
 * @param probs class probabilities [N, C]
 * @param labels class numbers [N]
 * @returns a number in [0, 1]
 * @throws CredenceError E_SHAPE, E_DATA
 */
export function accuracy(probs: Numbers, labels: Numbers): number {
  const { rows: n, classes } = checkClassification('metrics.accuracy', probs, labels);
  let right = 0;
  for (let i = 0; i < n; i++) if (topClass(probs, i, classes) === labels[i]) right++;
  return right / n;
}

const nllOptions = v.strictObject({
  reduction: reductionOption,
  clip: v.optional(level, 0),
});

/**
 * Negative log likelihood (log score, cross-entropy): -log p[y], in nats. Infinite if a label was held impossible.
 * @param probs class probabilities [N, C]
 * @param labels class numbers [N]
 * @param options.clip raise smaller probabilities to this one; scikit-learn's log_loss uses 2.2e-16 (default 0: exact)
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function nll<R extends Reduction = 'mean'>(
  probs: Numbers,
  labels: Numbers,
  options: ReductionOptions<R> & { clip?: number } = {},
): Reduced<R> {
  const { reduction, clip } = validate(nllOptions, options, 'metrics.nll');
  const { rows: n, classes } = checkClassification('metrics.nll', probs, labels);
  const scores = new Float64Array(n);
  // 0 - x, lest a sure answer scores -0
  for (let i = 0; i < n; i++) scores[i] = 0 - Math.log(Math.max(clip, probs[i * classes + labels[i]!]!));
  return reduce<R>(scores, reduction);
}

/**
 * Brier score: the squared distance of the probabilities from the one-hot label, summed over classes, so in [0, 2].
 * (Some libraries divide by the number of classes, and scikit-learn halves it for two classes.)
 *
 * Brier, "Verification of forecasts expressed in terms of probability", 1950.
 * @param probs class probabilities [N, C]
 * @param labels class numbers [N]
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function brier<R extends Reduction = 'mean'>(
  probs: Numbers,
  labels: Numbers,
  options: ReductionOptions<R> = {},
): Reduced<R> {
  const { reduction } = validate(v.strictObject({ reduction: reductionOption }), options, 'metrics.brier');
  const { rows: n, classes } = checkClassification('metrics.brier', probs, labels);
  const scores = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < classes; k++) {
      scores[i]! += (probs[i * classes + k]! - (k === labels[i] ? 1 : 0)) ** 2;
    }
  }
  return reduce<R>(scores, reduction);
}
