/**
 * Where to look next for the largest or smallest value of a function that is known by a mean and a standard deviation at each place, be
 * it a Gaussian process or the `mean` and `epistemic` of a network: the place at which one of these is largest.
 */
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { checkAligned, type Numbers } from '../metrics/input';
import { normalCdf, normalPdf } from '../metrics/normal';
import { nonNegative, validate } from '../validate';

/** What counts as an improvement. */
export interface ImprovementOptions {
  /** The best value that was found so far, in the units of the mean. */
  best: number;
  /** Default 'maximise'. */
  goal?: 'maximise' | 'minimise';
  /** By how much the best must be beaten, in the same units: a larger one looks further away. Default 0. */
  margin?: number;
}

const improvement = v.strictObject({
  best: v.pipe(v.number('must be a number'), v.finite('must be finite')),
  goal: v.optional(v.picklist(['maximise', 'minimise']), 'maximise'),
  margin: v.optional(nonNegative(), 0),
});

/** @throws CredenceError E_SHAPE, E_DATA */
function check(what: string, mean: Numbers, std: Numbers): void {
  checkAligned(what, { mean, std });
  for (let i = 0; i < std.length; i++) {
    if (std[i]! >= 0) continue;
    throw new CredenceError('E_DATA', `${what}: std[${i}] is ${std[i]}, it must be at least 0`);
  }
}

/** A number for each place, of the improvement to expect there and its standard deviation. */
function overImprovements(
  what: string,
  [mean, std]: readonly [Numbers, Numbers],
  given: ImprovementOptions,
  valueOf: (gain: number, std: number) => number,
): Float64Array {
  const { best, goal, margin } = validate(improvement, given, what);
  check(what, mean, std);
  const sign = goal === 'maximise' ? 1 : -1;
  return Float64Array.from(mean, (value, i) => valueOf(sign * (value - best) - margin, std[i]!));
}

/**
 * How much better than the best the function is on average, where what is worse counts as 0: gain Phi(z) + std phi(z) with
 * z = gain / std (Jones, Schonlau and Welch, "Efficient global optimization of expensive black-box functions", 1998).
 * @param mean [N] @param std [N], at least 0
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export const expectedImprovement = (mean: Numbers, std: Numbers, options: ImprovementOptions): Float64Array =>
  overImprovements('acquisition.expectedImprovement', [mean, std], options, (gain, std) =>
    std === 0 ? Math.max(gain, 0) : gain * normalCdf(gain / std) + std * normalPdf(gain / std),
  );

/**
 * How likely the function is to be better than the best: Phi(gain / std) (Kushner 1964).
 * @param mean [N] @param std [N], at least 0
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export const probabilityOfImprovement = (
  mean: Numbers,
  std: Numbers,
  options: ImprovementOptions,
): Float64Array =>
  overImprovements('acquisition.probabilityOfImprovement', [mean, std], options, (gain, std) =>
    std === 0 ? Number(gain > 0) : normalCdf(gain / std),
  );

/**
 * The most that is plausible: mean + width std (Srinivas et al., "Gaussian process optimization in the bandit setting", 2010). To
 * look for the smallest value, take the place where it is smallest with a `width` below 0.
 * @param mean [N] @param std [N], at least 0
 * @param width in standard deviations
 * @throws CredenceError E_SHAPE, E_DATA
 */
export function upperConfidenceBound(mean: Numbers, std: Numbers, width = 2): Float64Array {
  check('acquisition.upperConfidenceBound', mean, std);
  return Float64Array.from(mean, (value, i) => value + width * std[i]!);
}
