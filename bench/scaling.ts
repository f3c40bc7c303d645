/** Steps a second of sample-parallel training with 1, 2, ... workers. The numbers of workers take turns: quote the ratios. */
import { availableParallelism } from 'node:os';
import { closePool } from '../lib';
import { type Config, configs } from './configs';
import { BATCHES, makeData } from './data';
import { median } from './statistics';
import { type Estimator, train } from './training';

const ROUNDS = 3;
const STEPS = 60;

/** So small that it shows what the workers' meeting costs. */
const small: Config = {
  ...configs.a,
  title: 'MLP 64-64-64-10, B 128, S 8',
  network: { kind: 'mlp', widths: [64, 64, 64, 10] },
  inputShape: [64],
};

async function rate(config: Config, estimator: Estimator, workers: number): Promise<number> {
  const run = train(config, makeData(config), { estimator, workers, epochs: STEPS / BATCHES });
  await run.done;
  return run.stepsPerSecond ?? NaN;
}

/** Measures and prints a Markdown table. */
export async function scaling(): Promise<void> {
  const counts = Array.from({ length: Math.min(4, Math.max(2, availableParallelism())) }, (_, i) => i + 1);
  const print = (cells: readonly string[]): void => void process.stdout.write(`| ${cells.join(' | ')} |\n`);
  const columns = counts.map((n) => `steps/s, ${n} worker${n > 1 ? 's' : ''}`);
  print(['configuration', 'estimator', ...columns, 'speed-up']);
  print(['---', '---', ...counts.map(() => '--:'), '--:']);
  for (const config of [small, configs.a]) {
    for (const estimator of ['weights', 'local'] as const) {
      const rates = counts.map((): number[] => []);
      for (let round = 0; round < ROUNDS; round++) {
        for (const [i, workers] of counts.entries()) rates[i]!.push(await rate(config, estimator, workers));
      }
      const medians = rates.map(median);
      const speedups = medians.slice(1).map((value) => (value / medians[0]!).toFixed(2));
      print([config.title, estimator, ...medians.map((value) => value.toFixed(0)), speedups.join(', ')]);
    }
  }
  await closePool();
}
