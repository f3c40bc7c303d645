import * as v from 'valibot';
import { count, validate } from '../validate';
import { byQuantile, equalCount, equalWidth, type Bin } from './binning';
import { topClass } from './classification';
import type { Numbers } from './input';
import { checkClassification } from './probabilities';

/** How confidences are grouped; see `CalibrationOptions`. */
export type Binning = 'width' | 'quantile' | 'count';

/** Options of `metrics.ece` and what else looks at bins of confidence. */
export interface CalibrationOptions {
  /** How many bins (default 15, as in Guo et al.). */
  bins?: number;
  /**
   * - 'width': equally wide bins of [0, 1] (default)
   * - 'quantile': edges at quantiles of the confidences; ties stay together
   * - 'count': equally many data per bin, ties in the order of the input
   */
  binning?: Binning;
}

const schema = (binning: Binning) =>
  v.strictObject({
    bins: v.optional(count(1), 15),
    binning: v.optional(
      v.picklist(['width', 'quantile', 'count'], "must be 'width', 'quantile' or 'count'"),
      binning,
    ),
  });

/** One bar of a reliability diagram. */
export interface ReliabilityBin {
  /** The bin is [lower, upper), the last one closed. For 'count' the smallest and largest confidence in it. */
  lower: number;
  upper: number;
  /** How many data fell into it; the counts add up to N. */
  count: number;
  /** Their mean confidence, null if there are none. */
  confidence: number | null;
  /** The share of them that was right, null if there are none. */
  accuracy: number | null;
}

/** N events, each with the probability it was given and whether it happened. */
interface Events {
  confidence: Float64Array;
  happened: Uint8Array;
}

function group({ confidence }: Events, bins: number, binning: Binning): Bin[] {
  if (binning === 'width') return equalWidth(confidence, bins, 0, 1);
  if (binning === 'quantile') return byQuantile(confidence, bins, 0, 1);
  return equalCount(confidence, bins);
}

function diagram(events: Events, bins: number, binning: Binning): ReliabilityBin[] {
  return group(events, bins, binning).map(({ lower, upper, members }) => {
    const mean = (values: ArrayLike<number>): number | null =>
      members.length === 0 ? null : members.reduce((sum, i) => sum + values[i]!, 0) / members.length;
    return {
      lower,
      upper,
      count: members.length,
      confidence: mean(events.confidence),
      accuracy: mean(events.happened),
    };
  });
}

/** The filled bins: how far accuracy is from confidence, and the share of data in the bin. */
function gaps(bins: readonly ReliabilityBin[]): { gap: number; share: number }[] {
  const total = bins.reduce((sum, bin) => sum + bin.count, 0);
  return bins
    .filter((bin) => bin.count > 0)
    .map((bin) => ({ gap: Math.abs(bin.accuracy! - bin.confidence!), share: bin.count / total }));
}

const expected = (bins: readonly ReliabilityBin[]): number =>
  gaps(bins).reduce((sum, { gap, share }) => sum + gap * share, 0);

/** The event "the most probable class is the label", for each row. */
function topClassEvents(what: string, probs: Numbers, labels: Numbers): Events {
  const { rows: n, classes } = checkClassification(what, probs, labels);
  const predicted = Int32Array.from({ length: n }, (_, i) => topClass(probs, i, classes));
  return {
    confidence: Float64Array.from(predicted, (k, i) => probs[i * classes + k]!),
    happened: Uint8Array.from(predicted, (k, i) => (k === labels[i] ? 1 : 0)),
  };
}

/**
 * The bars of a reliability diagram: accuracy against confidence of the predicted class. Of a calibrated model the two
 * agree in every bin.
 *
 * DeGroot and Fienberg, "The comparison and evaluation of forecasters", 1983.
 * @param probs class probabilities [N, C]
 * @param labels class numbers [N]
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function reliabilityBins(
  probs: Numbers,
  labels: Numbers,
  options: CalibrationOptions = {},
): ReliabilityBin[] {
  const what = 'metrics.reliabilityBins';
  const { bins, binning } = validate(schema('width'), options, what);
  return diagram(topClassEvents(what, probs, labels), bins, binning);
}

/**
 * Expected calibration error: sum over bins of n_b / N |accuracy_b - confidence_b|, in [0, 1].
 *
 * Naeini et al., "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015; Guo et al., "On
 * calibration of modern neural networks", ICML 2017.
 * @param probs class probabilities [N, C]
 * @param labels class numbers [N]
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function ece(probs: Numbers, labels: Numbers, options: CalibrationOptions = {}): number {
  const { bins, binning } = validate(schema('width'), options, 'metrics.ece');
  return expected(diagram(topClassEvents('metrics.ece', probs, labels), bins, binning));
}

/**
 * Maximum calibration error: the largest |accuracy_b - confidence_b| of any bin (Naeini et al. 2015).
 * @param probs class probabilities [N, C]
 * @param labels class numbers [N]
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function mce(probs: Numbers, labels: Numbers, options: CalibrationOptions = {}): number {
  const { bins, binning } = validate(schema('width'), options, 'metrics.mce');
  const each = gaps(diagram(topClassEvents('metrics.mce', probs, labels), bins, binning));
  return Math.max(...each.map(({ gap }) => gap));
}

/**
 * Average (adaptive) calibration error: the unweighted mean of |accuracy_b - confidence_b| over the filled bins, which
 * are cut at quantiles of the confidences unless told otherwise.
 *
 * Neumann et al., "Relaxed softmax", 2018; Nixon et al., "Measuring calibration in deep learning", 2019.
 * @param probs class probabilities [N, C]
 * @param labels class numbers [N]
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function ace(probs: Numbers, labels: Numbers, options: CalibrationOptions = {}): number {
  const { bins, binning } = validate(schema('quantile'), options, 'metrics.ace');
  const each = gaps(diagram(topClassEvents('metrics.ace', probs, labels), bins, binning));
  return each.reduce((sum, { gap }) => sum + gap, 0) / each.length;
}

/**
 * Classwise ECE: the ECE of each class's probability as that of the event "the label is this class". It sees the
 * probabilities of all classes, not of the predicted one alone.
 *
 * Kull et al., "Beyond temperature scaling", NeurIPS 2019.
 * @param probs class probabilities [N, C]
 * @param labels class numbers [N]
 * @returns the mean over classes, and the error of each class [C]
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function classwiseEce(
  probs: Numbers,
  labels: Numbers,
  options: CalibrationOptions = {},
): { mean: number; perClass: Float64Array } {
  const what = 'metrics.classwiseEce';
  const { bins, binning } = validate(schema('width'), options, what);
  const { rows: n, classes } = checkClassification(what, probs, labels);
  const perClass = Float64Array.from({ length: classes }, (_, k) => {
    const confidence = Float64Array.from({ length: n }, (_, i) => probs[i * classes + k]!);
    const happened = Uint8Array.from({ length: n }, (_, i) => (labels[i] === k ? 1 : 0));
    return expected(diagram({ confidence, happened }, bins, binning));
  });
  return { mean: perClass.reduce((sum, error) => sum + error, 0) / classes, perClass };
}
