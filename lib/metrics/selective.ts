import * as v from 'valibot';
import { CredenceError } from '../errors';
import { validate } from '../validate';
import { checkAligned, type Numbers } from './input';
import { meanOf } from './reduction';

/** @param name what the scores are called by the person: 'confidence', 'uncertainty' */
function checkErrors(what: string, name: string, scores: Numbers, error: Numbers): void {
  const n = checkAligned(what, { [name]: scores, error });
  for (let i = 0; i < n; i++) {
    if (error[i]! < 0) {
      throw new CredenceError('E_DATA', `${what}: error[${i}] is ${error[i]}, it must not be negative`);
    }
  }
}

const negated = (values: Numbers): number[] => Array.from(values, (each) => -each);

/** Mean error of the k most confident, k = 1 .. N; ties keep the order of the input. */
function risks(confidence: Numbers, error: Numbers): Float64Array {
  const order = Array.from(confidence, (_, i) => i).sort((i, j) => confidence[j]! - confidence[i]!);
  let sum = 0;
  return Float64Array.from(order, (i, k) => (sum += error[i]!) / (k + 1));
}

/** The best any confidence could do: the smallest errors first. */
const oracleRisks = (error: Numbers): Float64Array => risks(negated(error), error);

/** Area under evenly spaced points; a single one spans no range: NaN. */
function trapezoid(values: ArrayLike<number>, step: number): number {
  if (values.length === 1) return NaN;
  let area = 0;
  for (let i = 1; i < values.length; i++) area += (step * (values[i]! + values[i - 1]!)) / 2;
  return area;
}

/** What it costs to answer only where the model is confident. */
export interface RiskCoverage {
  /** Share of data answered: 1/N, 2/N, ... 1. */
  coverage: Float64Array;
  /** Mean error on those. */
  risk: Float64Array;
}

/**
 * The risk-coverage curve: the mean error of the k most confident data, for every k.
 *
 * Geifman and El-Yaniv, "Selective classification for deep neural networks", NeurIPS 2017.
 * @param confidence higher means more confident [N]; for an uncertainty pass its negative
 * @param error what an answer costs: 0 or 1, or any error that is not negative [N]
 * @throws CredenceError E_SHAPE, E_DATA
 */
export function riskCoverage(confidence: Numbers, error: Numbers): RiskCoverage {
  checkErrors('metrics.riskCoverage', 'confidence', confidence, error);
  const risk = risks(confidence, error);
  return { coverage: risk.map((_, k) => (k + 1) / risk.length), risk };
}

/**
 * Area under the risk-coverage curve, in the units of the error; smaller is better. The mean of the risk over all
 * coverages, or the trapezoid from coverage 1/N to 1 divided by that range (NaN for a single datum).
 *
 * Geifman et al., "Bias-reduced uncertainty estimation for deep neural classifiers", ICLR 2019.
 * @param confidence higher means more confident [N]
 * @param error not negative [N]
 * @param options.method 'mean' (default) or 'trapezoid'
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function aurc(
  confidence: Numbers,
  error: Numbers,
  options: { method?: 'mean' | 'trapezoid' } = {},
): number {
  const known = v.picklist(['mean', 'trapezoid'], "must be 'mean' or 'trapezoid'");
  const { method } = validate(v.strictObject({ method: v.optional(known, 'mean') }), options, 'metrics.aurc');
  checkErrors('metrics.aurc', 'confidence', confidence, error);
  const risk = risks(confidence, error);
  return method === 'mean' ? meanOf(risk) : trapezoid(risk, 1 / (risk.length - 1));
}

/**
 * Excess AURC: how much more than the best possible ordering by confidence would cost (Geifman et al. 2019).
 * @param confidence higher means more confident [N]
 * @param error not negative [N]
 * @throws CredenceError E_SHAPE, E_DATA
 */
export function excessAurc(confidence: Numbers, error: Numbers): number {
  checkErrors('metrics.excessAurc', 'confidence', confidence, error);
  return meanOf(risks(confidence, error)) - meanOf(oracleRisks(error));
}

/** How the error falls as the most uncertain data are removed. */
export interface Sparsification {
  /** Share of data removed: 0, 1/N, ... (N-1)/N. */
  removed: Float64Array;
  /** Mean error of the rest over that of all; all zero if no prediction is wrong. */
  curve: Float64Array;
  /** The same if the data with the largest errors are removed first. */
  oracle: Float64Array;
}

/**
 * The sparsification curve of an uncertainty, and the best one possible.
 *
 * Ilg et al., "Uncertainty estimates and multi-hypotheses networks for optical flow", ECCV 2018.
 * @param uncertainty higher means less sure [N]
 * @param error not negative [N]
 * @throws CredenceError E_SHAPE, E_DATA
 */
export function sparsification(uncertainty: Numbers, error: Numbers): Sparsification {
  checkErrors('metrics.sparsification', 'uncertainty', uncertainty, error);
  const relative = (risk: Float64Array): Float64Array => {
    const all = risk.at(-1)!;
    return risk.map((each) => (all === 0 ? 0 : each / all)).reverse();
  };
  const curve = relative(risks(negated(uncertainty), error));
  return {
    removed: curve.map((_, k) => k / curve.length),
    curve,
    oracle: relative(oracleRisks(error)),
  };
}

/**
 * Area under the sparsification error: between the sparsification curve and its oracle; 0 for an uncertainty that orders
 * the errors perfectly, NaN for a single datum (Ilg et al. 2018).
 * @param uncertainty higher means less sure [N]
 * @param error not negative [N]
 * @throws CredenceError E_SHAPE, E_DATA
 */
export function ause(uncertainty: Numbers, error: Numbers): number {
  checkErrors('metrics.ause', 'uncertainty', uncertainty, error);
  const { curve, oracle } = sparsification(uncertainty, error);
  return trapezoid(
    curve.map((each, k) => each - oracle[k]!),
    1 / curve.length,
  );
}
