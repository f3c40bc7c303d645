import * as v from 'valibot';
import { validate } from '../validate';
import { checkAligned, checkPositive, type Numbers } from './input';
import { normalCdf, normalPdf } from './normal';
import {
  meanOf,
  reduce,
  reductionOption,
  type Reduced,
  type Reduction,
  type ReductionOptions,
} from './reduction';

const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);
const reductionOnly = v.strictObject({ reduction: reductionOption });

/** @throws CredenceError E_SHAPE, E_DATA; @returns the number of predictions */
function checkGaussian(what: string, mean: Numbers, std: Numbers, y: Numbers): number {
  const n = checkAligned(what, { mean, std, y });
  checkPositive(what, 'std', std);
  return n;
}

/**
 * Logarithmic score of Gaussian predictions: -log N(y | mean, std^2), in nats, with its constant 1/2 log 2 pi.
 * @param mean predicted means, any shape
 * @param std predicted standard deviations, same shape
 * @param y the truth, same shape
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function gaussianNll<R extends Reduction = 'mean'>(
  mean: Numbers,
  std: Numbers,
  y: Numbers,
  options: ReductionOptions<R> = {},
): Reduced<R> {
  const { reduction } = validate(reductionOnly, options, 'metrics.gaussianNll');
  const n = checkGaussian('metrics.gaussianNll', mean, std, y);
  const scores = Float64Array.from({ length: n }, (_, i) => {
    const z = (y[i]! - mean[i]!) / std[i]!;
    return HALF_LOG_2PI + Math.log(std[i]!) + (z * z) / 2;
  });
  return reduce<R>(scores, reduction);
}

/**
 * Continuous ranked probability score of Gaussian predictions, in the units of y:
 * std (z (2 Phi(z) - 1) + 2 phi(z) - 1 / sqrt(pi)) with z = (y - mean) / std. A sure prediction scores its absolute error.
 *
 * Gneiting et al., "Calibrated probabilistic forecasting using ensemble model output statistics", 2005, eq. 5.
 * @param mean predicted means, any shape
 * @param std predicted standard deviations, same shape
 * @param y the truth, same shape
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function crpsGaussian<R extends Reduction = 'mean'>(
  mean: Numbers,
  std: Numbers,
  y: Numbers,
  options: ReductionOptions<R> = {},
): Reduced<R> {
  const { reduction } = validate(reductionOnly, options, 'metrics.crpsGaussian');
  const n = checkGaussian('metrics.crpsGaussian', mean, std, y);
  const scores = Float64Array.from({ length: n }, (_, i) => {
    const z = (y[i]! - mean[i]!) / std[i]!;
    return std[i]! * (z * (2 * normalCdf(z) - 1) + 2 * normalPdf(z) - 1 / Math.sqrt(Math.PI));
  });
  return reduce<R>(scores, reduction);
}

/**
 * Probability integral transform of Gaussian predictions: Phi((y - mean) / std). Of a calibrated model these are
 * uniform on [0, 1] (Dawid 1984).
 * @param mean predicted means, any shape
 * @param std predicted standard deviations, same shape
 * @param y the truth, same shape
 * @returns one number in [0, 1] per prediction
 * @throws CredenceError E_SHAPE, E_DATA
 */
export function pit(mean: Numbers, std: Numbers, y: Numbers): Float64Array {
  const n = checkGaussian('metrics.pit', mean, std, y);
  return Float64Array.from({ length: n }, (_, i) => normalCdf((y[i]! - mean[i]!) / std[i]!));
}

/**
 * Sharpness of predictions: the root of their mean variance, in the units of y. Smaller is sharper; good predictions are
 * as sharp as calibration allows (Gneiting et al. 2007).
 * @param std predicted standard deviations
 * @throws CredenceError E_SHAPE, E_DATA
 */
export function sharpness(std: Numbers): number {
  checkAligned('metrics.sharpness', { std });
  checkPositive('metrics.sharpness', 'std', std);
  return Math.sqrt(meanOf(Array.from(std, (each) => each * each)));
}
