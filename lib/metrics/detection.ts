import * as v from 'valibot';
import { CredenceError } from '../errors';
import { validate } from '../validate';
import { checkAligned, checkLabels, type Numbers } from './input';
import { level } from './level';

/** After each distinct score, from the highest down: how many positives and negatives score at least that much. */
interface Detections {
  truePositives: number[];
  falsePositives: number[];
  positives: number;
  negatives: number;
}

/** @throws CredenceError E_SHAPE, E_DATA, also if one of the two kinds is missing */
function detections(what: string, scores: Numbers, labels: Numbers): Detections {
  const n = checkAligned(what, { scores, labels });
  checkLabels(what, 'labels', labels, 2);
  const order = Array.from(scores, (_, i) => i).sort((i, j) => scores[j]! - scores[i]!);
  const truePositives: number[] = [];
  const falsePositives: number[] = [];
  let positives = 0;
  order.forEach((i, rank) => {
    positives += labels[i]!;
    const next = order[rank + 1];
    if (next !== undefined && scores[next] === scores[i]) return; // ties are accepted together
    truePositives.push(positives);
    falsePositives.push(rank + 1 - positives);
  });
  if (positives === 0 || positives === n) {
    throw new CredenceError(
      'E_DATA',
      `${what}: labels are all ${positives === 0 ? 0 : 1}, both kinds are needed`,
    );
  }
  return { truePositives, falsePositives, positives, negatives: n - positives };
}

/**
 * Area under the ROC curve: the probability that a positive scores above a negative, ties counting half. 0.5 for
 * guessing. For out-of-distribution detection the score is an uncertainty and the unknown inputs are positive.
 *
 * Hendrycks and Gimpel, "A baseline for detecting misclassified and out-of-distribution examples", ICLR 2017.
 * @param scores higher means more likely positive [N]
 * @param labels 1 for positive, 0 for negative [N]
 * @throws CredenceError E_SHAPE, E_DATA
 */
export function auroc(scores: Numbers, labels: Numbers): number {
  const { truePositives, falsePositives, positives, negatives } = detections('metrics.auroc', scores, labels);
  let area = 0;
  truePositives.forEach((hits, i) => {
    const before = truePositives[i - 1] ?? 0;
    area += ((falsePositives[i]! - (falsePositives[i - 1] ?? 0)) * (hits + before)) / 2;
  });
  return area / positives / negatives;
}

/**
 * Area under the precision-recall curve. Average precision sums precision over the steps of recall; the trapezoid
 * draws straight lines between the points, which is too optimistic, and is offered for comparison only.
 *
 * Davis and Goadrich, "The relationship between precision-recall and ROC curves", ICML 2006.
 * @param scores higher means more likely positive [N]
 * @param labels 1 for positive, 0 for negative [N]
 * @param options.method 'average-precision' (default) or 'trapezoid'
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function aupr(
  scores: Numbers,
  labels: Numbers,
  options: { method?: 'average-precision' | 'trapezoid' } = {},
): number {
  const known = v.picklist(['average-precision', 'trapezoid'], "must be 'average-precision' or 'trapezoid'");
  const schema = v.strictObject({ method: v.optional(known, 'average-precision') });
  const { method } = validate(schema, options, 'metrics.aupr');
  const { truePositives, falsePositives, positives } = detections('metrics.aupr', scores, labels);
  let area = 0;
  let previous = 1; // the curve starts at recall 0 with precision 1
  truePositives.forEach((hits, i) => {
    const precision = hits / (hits + falsePositives[i]!);
    const recalled = (hits - (truePositives[i - 1] ?? 0)) / positives;
    area += recalled * (method === 'trapezoid' ? (precision + previous) / 2 : precision);
    previous = precision;
  });
  return area;
}

/**
 * False positive rate at a true positive rate: the share of negatives that is mistaken when the threshold is just low
 * enough to find that share of the positives. FPR95 by default.
 *
 * Liang et al., "Enhancing the reliability of out-of-distribution image detection", ICLR 2018.
 * @param scores higher means more likely positive [N]
 * @param labels 1 for positive, 0 for negative [N]
 * @param options.tpr the share of positives to find (default 0.95)
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function fprAtTpr(scores: Numbers, labels: Numbers, options: { tpr?: number } = {}): number {
  const what = 'metrics.fprAtTpr';
  const { tpr } = validate(v.strictObject({ tpr: v.optional(level, 0.95) }), options, what);
  const { truePositives, falsePositives, positives, negatives } = detections(what, scores, labels);
  const threshold = truePositives.findIndex((hits) => hits / positives >= tpr);
  return falsePositives[threshold]! / negatives;
}
