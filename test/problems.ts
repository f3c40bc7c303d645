/**
 * Small problems for the tests that train. A training step takes a second or two to compile and a fraction of a millisecond to
 * run, and compiled functions are kept by content: tests that use the same shapes, samples and batch compile them once. So
 * both problems have the same model, and its two kernels are of one size.
 */
import { likelihoods } from '../lib/distributions';
import { fit, type FitOptions } from '../lib/fit';
import type { Live } from '../lib/host';
import { vi, type ViOptions } from '../lib/inference/vi';
import { dense } from '../lib/layers';
import { sequential } from '../lib/layers/sequential';
import { ndarray } from '../lib/ndarray';
import { closePool } from '../lib/parallel/worker/pool';
import type { Run } from '../lib/runs/run';
import { foldIn, keyOf, normals } from '../lib/threefry';

const ROWS = 60;
/** Data in each step: three steps an epoch. */
export const BATCH = 20;
/** More epochs than anyone waits for: the run goes on until it is stopped. */
export const ENDLESS = 1e7;

const noise = (stream: number): Float64Array => normals(foldIn(keyOf(7), stream), 2 * ROWS);
/** Rows 0, 2, ... lie around (1, 1), the others around (-1, -1). */
const x = ndarray(
  Float32Array.from(noise(0), (value, i) => value / 2 + (Math.floor(i / 2) % 2 === 0 ? 1 : -1)),
  [ROWS, 2],
);
const labels = Int32Array.from({ length: ROWS }, (_, i) => i % 2);
const sines = Float32Array.from(noise(1), (value, i) => Math.sin(2 * x[i]!) + value / 10);

const model = sequential([dense({ units: 4, activation: 'tanh' }), dense({ units: 2, bias: false })]);

/** Two clouds in the plane, a class each. An accuracy of 0.9 is easy. */
export const clouds = {
  model,
  likelihood: likelihoods.categorical(),
  train: { x, y: ndarray(labels, [ROWS]) },
};

/** Two targets, the sines of the inputs, with noise of standard deviation 0.1. */
export const curves = {
  model,
  likelihood: likelihoods.gaussian(),
  train: { x, y: ndarray(sines, [ROWS, 2]) },
};

/** Options of `fit` that are not about the problem: one worker, six samples. */
export const options = (given: ViOptions = {}) => ({
  method: vi({ samples: 6, ...given }),
  batchSize: BATCH,
  devices: 1 as const,
  seed: 3,
});

/** Starts to learn the clouds. */
export const fitClouds = (given: Partial<FitOptions<'classification'>> = {}): Run<'classification'> & Live =>
  fit(clouds.model, clouds.train, { ...options(), likelihood: clouds.likelihood, ...given });

// mocha calls it after the last test of all files; until then threads keep what they have compiled
if (typeof after === 'function') after(() => closePool()); // it is not there in a process of a test's own
