/**
 * Steps a second of sample-parallel training with 1, 2, ... workers: `npm run bench`. The configurations alternate in one run, since
 * machines are noisy: quote the ratios.
 */
import { availableParallelism } from 'node:os';
import { adam, closePool, fit, layers, likelihoods, ndarray, sequential, vi } from '../lib';

const ROUNDS = 3;
const STEPS = 60;

interface Config {
  name: string;
  inputs: number;
  hidden: number;
  batch: number;
  samples: number;
}

const configs: readonly Config[] = [
  { name: 'MLP 64-64-10, B 128', inputs: 64, hidden: 64, batch: 128, samples: 8 },
  { name: 'MLP 784-256-256-10, B 128', inputs: 784, hidden: 256, batch: 128, samples: 8 },
];

/** Made-up data: speed does not depend on the values. */
function problem({ inputs, hidden, batch }: Config) {
  const rows = 4 * batch;
  const x = Float32Array.from({ length: rows * inputs }, (_, i) => Math.sin(i));
  const y = Int32Array.from({ length: rows }, (_, i) => i % 10);
  const wide = layers.dense({ units: hidden, activation: 'relu' });
  const model = sequential([wide, ...(inputs > 100 ? [wide] : []), layers.dense({ units: 10 })]);
  return { model, data: { x: ndarray(x, [rows, inputs]), y } };
}

async function rate(config: Config, estimator: 'weights' | 'local', workers: number): Promise<number> {
  const { model, data } = problem(config);
  const run = fit(model, data, {
    method: vi({ samples: config.samples, estimator }),
    likelihood: likelihoods.categorical(),
    optimizer: adam(1e-3),
    epochs: STEPS / 4,
    batchSize: config.batch,
    devices: workers,
  });
  await run.done;
  return run.stepsPerSecond ?? NaN;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

async function main(): Promise<void> {
  const counts = Array.from({ length: Math.min(4, Math.max(2, availableParallelism())) }, (_, i) => i + 1);
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  print(
    `| configuration | estimator | ${counts.map((n) => `steps/s, ${n} worker${n > 1 ? 's' : ''}`).join(' | ')} | speed-up |`,
  );
  print(`| --- | --- | ${counts.map(() => '---').join(' | ')} | --- |`);
  for (const config of configs) {
    for (const estimator of ['weights', 'local'] as const) {
      const rates = counts.map((): number[] => []);
      for (let round = 0; round < ROUNDS; round++) {
        for (const [i, workers] of counts.entries()) rates[i]!.push(await rate(config, estimator, workers));
      }
      const medians = rates.map(median);
      const speedups = medians.slice(1).map((value) => (value / medians[0]!).toFixed(2));
      print(
        `| ${config.name}, S ${config.samples} | ${estimator} | ${medians.map((value) => value.toFixed(0)).join(' | ')} | ${speedups.join(', ')} |`,
      );
    }
  }
  await closePool();
}

void main();
