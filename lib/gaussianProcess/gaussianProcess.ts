import * as v from 'valibot';
import { read, type Values } from '../data/dataset';
import { cholesky, halfLogDet, solve, squared } from '../distributions/numbers/cholesky';
import { halfLog2Pi } from '../distributions/numbers/gammaFunctions';
import { CredenceError } from '../errors';
import { checkFinite, type Numbers } from '../metrics/input';
import { sizeOf } from '../ndarray';
import { nonNegative, positive, validate } from '../validate';
import { kernelNames, type KernelName, kernels } from './kernels';

/** What is believed of the function before the data is seen: it is 0 on average. */
export interface GaussianProcessOptions {
  /**
   * How smooth the function is: as smooth as can be ('rbf', default), or with two derivatives ('matern52') or one ('matern32'). Rasmussen and
   * Williams, "Gaussian processes for machine learning", 2006, eq. 4.9 and 4.17.
   */
  kernel?: KernelName;
  /** How far apart inputs are where the function differs: one number, or one for each feature of an input. Default 1. */
  lengthScale?: number | readonly number[];
  /** Standard deviation of the function, in the units of y. Default 1. */
  std?: number;
  /** Standard deviation of what an observation is off the function, in the units of y. Default 0.1. */
  noise?: number;
}

/** A function as the data leave it: a normal distribution at each place. */
export interface GaussianProcess {
  /** Logarithm of the probability density of the data under these options, in nats (the log marginal likelihood): the larger, the better they fit. */
  readonly logEvidence: number;
  /**
   * Mean and standard deviation of the function itself, without the noise of an observation, at M inputs [M, D].
   * @throws CredenceError E_SHAPE, E_DATA
   */
  predict(x: Values): { mean: Float64Array; std: Float64Array };
}

const lengths = 'must be a number above 0, or a list of them, one for each feature of x';
const options = v.strictObject({
  kernel: v.optional(v.picklist(kernelNames), 'rbf'),
  lengthScale: v.optional(v.union([positive(), v.array(positive())], lengths), 1),
  std: v.optional(positive(), 1),
  noise: v.optional(nonNegative(), 0.1),
});

/** Inputs as rows, in length scales. @param features how many there must be. @throws CredenceError E_SHAPE, E_DATA */
function placesOf(x: Values, lengthScale: number | readonly number[], features?: number): number[][] {
  const { values, shape } = read('x', x);
  checkFinite('gaussianProcess', 'x', values);
  const width = sizeOf(shape.slice(1));
  if (width !== (features ?? width)) {
    throw new CredenceError('E_SHAPE', `gaussianProcess: x has ${width} features, it learned of ${features}`);
  }
  const scales = typeof lengthScale === 'number' ? Array<number>(width).fill(lengthScale) : lengthScale;
  if (scales.length !== width) {
    throw new CredenceError(
      'E_SHAPE',
      `gaussianProcess: option 'lengthScale' has ${scales.length} numbers, but x has ${width} features`,
    );
  }
  return Array.from({ length: shape[0]! }, (_, n) =>
    scales.map((scale, d) => values[n * width + d]! / scale),
  );
}

const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.sqrt(a.reduce((sum, each, d) => sum + (each - b[d]!) ** 2, 0));

/**
 * The exact posterior of a function whose values are jointly normal: what a Bayesian network becomes as its layers grow wide (Neal, "Bayesian
 * learning for neural networks", 1996), and what its uncertainty can be compared with where data are few. Its cost grows with N^3:
 * it is for hundreds of data, on one thread and in double precision (Rasmussen and Williams 2006, algorithm 2.1).
 * @param x inputs [N, D]; [N] is taken for [N, 1]
 * @param y targets [N], less their mean if that is not about 0: where nothing is known, the function is believed to be 0
 * @throws CredenceError E_OPTION; E_SHAPE, E_DATA
 */
export function gaussianProcess(x: Values, y: Numbers, given: GaussianProcessOptions = {}): GaussianProcess {
  const { kernel, lengthScale, std, noise } = validate(options, given, 'gaussianProcess');
  const places = placesOf(x, lengthScale);
  checkFinite('gaussianProcess', 'y', y);
  if (y.length !== places.length) {
    throw new CredenceError(
      'E_SHAPE',
      `gaussianProcess: x has ${places.length} rows, but y has ${y.length}: each input needs its target`,
    );
  }
  const covariances = (place: readonly number[]): number[] =>
    places.map((other) => std ** 2 * kernels[kernel](distance(place, other)));
  const covariance = places.map(covariances);
  covariance.forEach((row, i) => (row[i]! += noise ** 2));
  const root = cholesky(covariance);
  if (!root) {
    throw new CredenceError(
      'E_OPTION',
      `gaussianProcess: inputs are so close to each other that noise ${noise} does not tell them apart: raise option 'noise', or make 'lengthScale' smaller`,
    );
  }
  const whitened = solve(root, y);
  return {
    logEvidence: -squared(whitened) / 2 - halfLogDet(root) - y.length * halfLog2Pi,
    predict(x) {
      const known = placesOf(x, lengthScale, places[0]!.length).map((place) =>
        solve(root, covariances(place)),
      );
      return {
        mean: Float64Array.from(known, (each) => each.reduce((sum, w, i) => sum + w * whitened[i]!, 0)),
        std: Float64Array.from(known, (each) => Math.sqrt(Math.max(0, std ** 2 - squared(each)))),
      };
    },
  };
}
