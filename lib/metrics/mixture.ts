/**
 * The predictive distribution of a regression by samples: for each datum an equal mixture of the S Gaussians that the
 * samples predict. Exact, where a band from mean and standard deviation alone would take the mixture for one Gaussian.
 */
import * as v from 'valibot';
import { validate } from '../validate';
import {
  checkAligned,
  checkEnsemble,
  checkPositive,
  checkStack,
  type Numbers,
  type StackOptions,
} from './input';
import { levels as levelsSchema } from './level';
import { logMeanExp } from './logMeanExp';
import { normalCdf, normalPdf, normalQuantile } from './normal';
import { reduce, reductionOption, type Reduced, type Reduction, type ReductionOptions } from './reduction';

/** One datum's components. */
interface Mixture {
  mean: Float64Array;
  std: Float64Array;
}

/** The components of every datum, from means and variances [S, ...]. */
function mixtures(means: Numbers, variances: Numbers, samples: number, size: number): Mixture[] {
  return Array.from({ length: size }, (_, i) => ({
    mean: Float64Array.from({ length: samples }, (_, s) => means[s * size + i]!),
    std: Float64Array.from({ length: samples }, (_, s) => Math.sqrt(variances[s * size + i]!)),
  }));
}

/** @throws CredenceError E_SHAPE, E_DATA */
function checkMixtures(what: string, means: Numbers, variances: Numbers, y: Numbers): Mixture[] {
  const { samples, size } = checkEnsemble(what, means, y);
  checkAligned(what, { means, variances });
  checkPositive(what, 'variances', variances);
  return mixtures(means, variances, samples, size);
}

function average({ mean, std }: Mixture, term: (mean: number, std: number) => number): number {
  let sum = 0;
  for (let s = 0; s < mean.length; s++) sum += term(mean[s]!, std[s]!);
  return sum / mean.length;
}

const cdf = (mixture: Mixture, y: number): number => average(mixture, (m, s) => normalCdf((y - m) / s));

/**
 * Solves cdf(y) = level: Newton's steps, halving the bracket wherever a step would leave it.
 */
function quantile(mixture: Mixture, level: number): number {
  if (level === 0 || level === 1) return level === 0 ? -Infinity : Infinity;
  const z = normalQuantile(level);
  // the mixture's quantile lies between those of its components
  const ends = mixture.mean.map((mean, s) => mean + z * mixture.std[s]!);
  let [low, high] = [Math.min(...ends), Math.max(...ends)];
  let y = (low + high) / 2;
  while (high - low > 1e-15 * Math.max(Math.abs(low), Math.abs(high))) {
    const miss = cdf(mixture, y) - level;
    if (miss === 0) return y;
    if (miss < 0) low = y;
    else high = y;
    const step = y - miss / average(mixture, (m, s) => normalPdf((y - m) / s) / s);
    const next = step > low && step < high ? step : (low + high) / 2;
    if (Math.abs(next - y) <= 1e-15 * Math.abs(y) || next === low || next === high) return next;
    y = next;
  }
  return y;
}

/**
 * Quantiles of the Gaussian mixture: the limits of a predictive band, noise included.
 * @param means predicted means of each sample [S, ...]
 * @param variances predicted variances of each sample [S, ...]
 * @param levels numbers in [0, 1]
 * @returns for each level an array of the length of one draw, in the units of y
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function mixtureQuantiles(
  means: Numbers,
  variances: Numbers,
  levels: readonly number[],
  options: StackOptions = {},
): Float64Array[] {
  const what = 'metrics.mixtureQuantiles';
  const wanted = validate(levelsSchema, levels, `${what} levels`);
  const { samples, size } = checkStack(what, 'means', means, options);
  checkAligned(what, { means, variances });
  checkPositive(what, 'variances', variances);
  const each = mixtures(means, variances, samples, size);
  return wanted.map((level) => Float64Array.from(each, (mixture) => quantile(mixture, level)));
}

/**
 * Probability integral transform of the Gaussian mixture: its distribution function at the truth, uniform on [0, 1] for
 * a calibrated model.
 * @param means predicted means of each sample [S, ...]
 * @param variances predicted variances of each sample [S, ...]
 * @param y the truth [...]
 * @throws CredenceError E_SHAPE, E_DATA
 */
export function pitMixture(means: Numbers, variances: Numbers, y: Numbers): Float64Array {
  const each = checkMixtures('metrics.pitMixture', means, variances, y);
  return Float64Array.from(each, (mixture, i) => cdf(mixture, y[i]!));
}

const scoreOptions = v.strictObject({ reduction: reductionOption });

/**
 * Logarithmic score of the Gaussian mixture: -log mean_s N(y | mean_s, variance_s), in nats; the test log-likelihood of
 * the literature with its sign turned.
 * @param means predicted means of each sample [S, ...]
 * @param variances predicted variances of each sample [S, ...]
 * @param y the truth [...]
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function mixtureNll<R extends Reduction = 'mean'>(
  means: Numbers,
  variances: Numbers,
  y: Numbers,
  options: ReductionOptions<R> = {},
): Reduced<R> {
  const { reduction } = validate(scoreOptions, options, 'metrics.mixtureNll');
  const each = checkMixtures('metrics.mixtureNll', means, variances, y);
  const scores = Float64Array.from(each, (mixture, i) => {
    const logs = mixture.mean.map((m, s) => {
      const std = mixture.std[s]!;
      return -0.5 * ((y[i]! - m) / std) ** 2 - Math.log(std) - 0.5 * Math.log(2 * Math.PI);
    });
    return -logMeanExp(logs);
  });
  return reduce<R>(scores, reduction);
}

/** E|X| of a Gaussian. */
function meanDistance(mean: number, std: number): number {
  const z = mean / std;
  return mean * (2 * normalCdf(z) - 1) + 2 * std * normalPdf(z);
}

/**
 * Continuous ranked probability score of the Gaussian mixture, in the units of y, in closed form (S^2 terms a datum).
 *
 * Grimit et al., "The continuous ranked probability score for circular variables and its application to mesoscale
 * forecast ensemble verification", 2006, eq. 5.
 * @param means predicted means of each sample [S, ...]
 * @param variances predicted variances of each sample [S, ...]
 * @param y the truth [...]
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function crpsMixture<R extends Reduction = 'mean'>(
  means: Numbers,
  variances: Numbers,
  y: Numbers,
  options: ReductionOptions<R> = {},
): Reduced<R> {
  const { reduction } = validate(scoreOptions, options, 'metrics.crpsMixture');
  const each = checkMixtures('metrics.crpsMixture', means, variances, y);
  const scores = Float64Array.from(each, (mixture, i) => {
    const error = average(mixture, (m, s) => meanDistance(y[i]! - m, s));
    const spread = average(mixture, (m, s) =>
      average(mixture, (other, t) => meanDistance(m - other, Math.hypot(s, t))),
    );
    return error - spread / 2;
  });
  return reduce<R>(scores, reduction);
}
