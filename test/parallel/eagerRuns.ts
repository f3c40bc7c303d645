/**
 * Runs on whatever backend this process has: what they learn, and how they are steered. In a process of its own for each backend;
 * everything returned is plain, to be compared.
 */
import * as tf from '@tensorflow/tfjs';
import {
  adam,
  fit,
  layers,
  likelihoods,
  metrics,
  ndarray,
  type NdArray,
  type Run,
  sequential,
  sgd,
  vi,
} from '../../lib';
import type { EstimatorName } from '../../lib/inference/families/estimators';
import { foldIn, keyOf, normals } from '../../lib/threefry';

const ROWS = 200;
const noise = (stream: number): Float64Array => normals(foldIn(keyOf(7), stream), 2 * ROWS);
/** Rows 0, 2, ... lie around (1, 1), the others around (-1, -1). */
const x = ndarray(
  Float32Array.from(noise(0), (value, i) => value / 2 + (Math.floor(i / 2) % 2 === 0 ? 1 : -1)),
  [ROWS, 2],
);
const labels = ndarray(
  Int32Array.from({ length: ROWS }, (_, i) => i % 2),
  [ROWS],
);
const sines = ndarray(
  Float32Array.from(noise(1), (value, i) => Math.sin(2 * x[i]!) + value / 10),
  [ROWS, 2],
);
const model = sequential([
  layers.dense({ units: 16, activation: 'gelu' }),
  layers.dense({ units: 9, activation: 'tanh', bayesian: false }),
  layers.dense({ units: 2 }),
]);

const classify = (estimator: EstimatorName, epochs: number, optimizer = adam(2e-2)) =>
  fit(
    model,
    { x, y: labels },
    {
      likelihood: likelihoods.categorical(),
      method: vi({ samples: 5, estimator }),
      optimizer,
      batchSize: 60,
      epochs,
      seed: 3,
    },
  );

const numbers = (arrays: Iterable<NdArray>): number[] =>
  Array.from(arrays).flatMap((values) => Array.from(values));

/** What was learned of a problem. */
export interface Learned {
  state: string;
  steps: number;
  workers: number;
  nll: number[];
  kl: number[];
  variables: number[];
  predictions: number[];
  /** Accuracy, or root mean squared error. */
  score: number;
  /** Tensors that are left when all is done. */
  tensors: number;
}

/** Trains to the end. */
async function learn<K extends 'classification' | 'regression'>(
  run: Run<K>,
  inputs: NdArray,
  score: (mean: NdArray) => number,
): Promise<Learned> {
  const posterior = await run.done;
  const { mean, epistemic } = posterior.predict(inputs, { samples: 20 });
  return {
    state: run.state,
    steps: run.step,
    workers: run.workers,
    ...run.history,
    variables: numbers(posterior.variables.values()),
    predictions: [...mean, ...epistemic],
    score: score(mean),
    tensors: tf.memory().numTensors,
  };
}

export const classification = (): Promise<Learned> =>
  learn(classify('weights', 15), x, (mean) => metrics.accuracy(mean, labels));

export function regression(): Promise<Learned> {
  const run = fit(
    model,
    { x, y: sines },
    {
      likelihood: likelihoods.gaussian(),
      method: vi({ samples: 5, estimator: 'local' }),
      optimizer: adam(2e-2),
      batchSize: 60,
      epochs: 15,
      seed: 3,
    },
  );
  return learn(run, x, (mean) => metrics.rmse(mean, sines));
}

/** Images that are brighter on the left, or on the right. */
export function images(): Promise<Learned> {
  const [rows, side] = [60, 8];
  const pixels = Float32Array.from(normals(foldIn(keyOf(7), 2), rows * side * side), (value, i) => {
    const isLeft = i % side < side / 2;
    const isFirst = Math.floor(i / side ** 2) % 2 === 0;
    return value / 2 + (isLeft === isFirst ? 1 : 0);
  });
  const x = ndarray(pixels, [rows, side, side, 1]);
  const y = ndarray(
    Int32Array.from({ length: rows }, (_, i) => i % 2),
    [rows],
  );
  const network = sequential([
    layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu' }),
    layers.maxPool({ poolSize: 2 }),
    layers.conv2d({ filters: 3, kernelSize: 3, strides: 2 }),
    layers.flatten(),
    layers.dense({ units: 2 }),
  ]);
  const run = fit(
    network,
    { x, y },
    {
      likelihood: likelihoods.categorical(),
      method: vi({ samples: 3, estimator: 'weights' }),
      optimizer: adam(2e-2),
      batchSize: 30,
      epochs: 25,
      seed: 3,
    },
  );
  return learn(run, x, (mean) => metrics.accuracy(mean, y));
}

const ENDLESS = 1e6;

/** What a run that is watched, paused and stopped does. */
export interface Steered {
  /** Timer ticks while it trained. */
  ticks: number;
  snapshotAccuracy: number;
  stepsWhilePaused: number;
  stepsAfterResume: number;
  end: string;
  steps: number;
  losses: number;
}

export async function steering(): Promise<Steered> {
  let ticks = 0;
  const clock = setInterval(() => ticks++, 5);
  const run = classify('weights', ENDLESS);
  const atStep = (step: number): Promise<void> =>
    new Promise((resolve) => {
      const done = run.onChange(() => {
        if (run.step < step) return;
        done();
        resolve();
      });
    });
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  await atStep(40);
  const ticksInTime = ticks;
  const snapshot = await run.snapshot();
  run.pause();
  await pause(100);
  const paused = run.step;
  await pause(150);
  const stepsWhilePaused = run.step - paused;
  run.resume();
  await atStep(paused + 10);
  const stepsAfterResume = run.step - paused;
  run.stop();
  await run.done;
  clearInterval(clock);
  return {
    ticks: ticksInTime,
    snapshotAccuracy: metrics.accuracy(snapshot.predict(x).mean, labels),
    stepsWhilePaused,
    stepsAfterResume,
    end: run.state,
    steps: run.step,
    losses: run.history.kl.length,
  };
}

/** How a run ends whose learning rate is far too large, and what a model does that does not fit. */
export interface Failures {
  code: string;
  message: string;
  steps: number;
  finite: boolean;
  thrown: string;
}

export async function failures(): Promise<Failures> {
  const run = classify('weights', ENDLESS, sgd(1e12));
  const { code, message } = await run.done.then(
    () => ({ code: 'none', message: '' }),
    (error: { code: string; message: string }) => error,
  );
  let thrown = 'nothing';
  try {
    const broken = {
      name: 'broken',
      build: () => ({
        parameters: [],
        outputShape: [2],
        apply: () => {
          throw new Error('this layer is broken');
        },
      }),
    };
    fit(
      sequential([layers.dense({ units: 2 }), broken]),
      { x, y: labels },
      { likelihood: likelihoods.categorical() },
    );
  } catch (error) {
    thrown = (error as Error).message;
  }
  return {
    code,
    message,
    steps: run.step,
    finite: numbers(run.posterior.variables.values()).every(Number.isFinite),
    thrown,
  };
}
