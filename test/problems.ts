/**
 * Small problems for the tests that train. A training step takes a second or two to compile and a millisecond to run, and
 * compiled functions are kept by content: tests that use the same problem, samples and batch compile it once.
 */
import { likelihoods } from '../lib/distributions';
import type { FitOptions } from '../lib/fit';
import { vi, type ViOptions } from '../lib/inference/vi';
import { dense } from '../lib/layers';
import { sequential } from '../lib/layers/sequential';
import { ndarray, type NdArray } from '../lib/ndarray';
import { closePool } from '../lib/parallel/pool';
import { foldIn, keyOf, normals } from '../lib/threefry';

const ROWS = 60;
/** Data in each step: three steps an epoch. */
export const BATCH = 20;

const noise = (stream: number, n: number): Float64Array => normals(foldIn(keyOf(7), stream), n);
const x: NdArray = ndarray(
  Float32Array.from(noise(0, 2 * ROWS), (value, i) => value / 2 + [1, -1, 0][Math.floor(i / 2) % 3]!),
  [ROWS, 2],
);
const model = (units: number) =>
  sequential([dense({ units: 4, activation: 'tanh' }), dense({ units, bias: false })]);

/** Three clouds in the plane, one class each; accuracies above 0.7 are easy. */
export const clouds = {
  model: model(3),
  likelihood: likelihoods.categorical(),
  train: {
    x,
    y: ndarray(
      Int32Array.from({ length: ROWS }, (_, i) => i % 3),
      [ROWS],
    ),
  },
};

/** A curve over the plane with noise of standard deviation 0.1. */
export const curve = {
  model: model(1),
  likelihood: likelihoods.gaussian(),
  train: {
    x,
    y: ndarray(
      Float32Array.from(
        noise(1, ROWS),
        (value, i) => Math.sin(2 * x[2 * i]!) + x[2 * i + 1]! / 2 + value / 10,
      ),
      [ROWS, 1],
    ),
  },
};

/** Options of `fit` that are not about the problem: one worker, six samples. */
export const options = (given: ViOptions = {}) => ({
  method: vi({ samples: 6, ...given }),
  batchSize: BATCH,
  devices: 1 as FitOptions<'regression'>['devices'],
  seed: 3,
});

/** More epochs than anyone waits for: the run goes on until it is stopped. */
export const ENDLESS = 1e7;

// mocha calls it after the last test of all files; until then threads keep what they have compiled
after(() => closePool());
