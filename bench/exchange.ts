/** What it costs that workers exchange gradients: milliseconds of a step, and of a megabyte. */
import { closePool } from '../lib';
import { configs, type Config } from './configs';
import { makeData } from './data';
import { train } from './training';

const WORKERS = 2;
const STEPS = 40;

const mlp = (width: number): Config => ({
  ...configs.a,
  title: `MLP 784-${width}-${width}-10, B 32, S 2`,
  network: { kind: 'mlp', widths: [784, width, width, 10] },
  batch: 32,
  samples: 2,
});

const models: readonly Config[] = [configs.a, configs.c, mlp(800), mlp(3000)];

interface Cost {
  /** Of the gradients of a worker, before they are rounded. */
  megabytes: number;
  exchange: number;
  wait: number;
  step: number;
}

async function costOf(config: Config, exchange: 'float32' | 'bfloat16'): Promise<Cost> {
  const data = makeData(config);
  const epochs = Math.ceil((STEPS * config.batch) / data.x.shape[0]!);
  const run = train(config, data, {
    estimator: 'weights',
    workers: WORKERS,
    strategy: 'sample',
    epochs,
    exchange,
  });
  const { variables } = await run.done;
  const numbers = [...variables.values()].reduce((sum, { length }) => sum + length, 0);
  const each = (seconds: number): number => (1000 * seconds) / (run.step - 1); // the first step is not counted
  const { compute, exchange: exchanging, wait } = run.times;
  return {
    megabytes: (4 * numbers) / 1e6,
    exchange: each(exchanging),
    wait: each(wait),
    step: each(compute + exchanging + wait),
  };
}

/** A Markdown table, a line for each model and format. */
export async function exchange(progress: (line: string) => void): Promise<string> {
  const rows = [
    ['model', 'gradients', 'MB a worker', 'ms a step', 'of it exchange', 'ms a MB', 'wait'],
    ['---', '---', '--:', '--:', '--:', '--:', '--:'],
  ];
  for (const config of models) {
    for (const format of ['float32', 'bfloat16'] as const) {
      progress(`${config.title}, ${format}`);
      const { megabytes, exchange, wait, step } = await costOf(config, format);
      rows.push([
        config.title,
        format,
        megabytes.toFixed(1),
        step.toFixed(1),
        exchange.toFixed(2),
        (exchange / megabytes).toFixed(3),
        wait.toFixed(2),
      ]);
    }
  }
  await closePool();
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
