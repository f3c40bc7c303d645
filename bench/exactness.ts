/** How exact it is to share a step out: the same training on every mesh of up to six workers, against that of one. */
import { adam, closePool, CredenceError, fit, type FitOptions, likelihoods, vi } from '../lib';
import { type ObjectiveName, objectiveNames } from '../lib/objectives';
import { type Mesh, workersOf } from '../lib/parallel/plan/mesh';
import { type Config, configs } from './configs';
import { type BenchData, makeData } from './data';
import { row, tableHead } from './markdown';
import { modelOf } from './model';

const STEPS = 100;
const SAMPLES = 12;

/** A way to compute the same training. */
interface Way {
  title: string;
  options: { strategy: Mesh; samplesPerCall?: number; exchange?: 'bfloat16' };
}

const ALONE: Mesh = { sample: 1, data: 1 };
const PAIR: Mesh = { sample: 2, data: 1 };

const meshesOf = (workers: number): Mesh[] =>
  Array.from({ length: workers }, (_, i) => i + 1)
    .filter((data) => workers % data === 0)
    .map((data) => ({ sample: workers / data, data }));

/** All meshes of 2, 3, 4 and 6 workers, then what else may differ. */
export const ways: readonly Way[] = [
  ...[2, 3, 4, 6].flatMap(meshesOf).map((strategy) => ({
    title: `${workersOf(strategy)} workers, ${strategy.sample} x ${strategy.data}`,
    options: { strategy },
  })),
  { title: '1 worker, `samplesPerCall: 1`', options: { strategy: ALONE, samplesPerCall: 1 } },
  { title: '2 workers, 2 x 1, `samplesPerCall: 4`', options: { strategy: PAIR, samplesPerCall: 4 } },
  { title: "2 workers, 2 x 1, `exchange: 'bfloat16'`", options: { strategy: PAIR, exchange: 'bfloat16' } },
];

const small = {
  network: { kind: 'mlp', widths: [8, 16, 2] },
  inputShape: [8],
  outputs: 2,
  batch: 24,
} as const;
const problems = {
  classification: { ...configs.a, ...small },
  regression: { ...configs.b, ...small },
} as const satisfies Record<string, Config>;
type Problem = keyof typeof problems;

type Variables = ReadonlyMap<string, Float32Array>;

/** What 100 steps learn. @throws CredenceError E_DIVERGED */
export async function train(
  problem: Problem,
  objective: ObjectiveName,
  options: Way['options'],
): Promise<Variables> {
  const config: Config = problems[problem];
  const data: BenchData = makeData(config);
  const given: Omit<FitOptions<'classification' & 'regression'>, 'likelihood'> = {
    method: vi({ samples: SAMPLES, objective, estimator: 'weights' }),
    optimizer: adam(1e-2),
    batchSize: config.batch,
    epochs: (STEPS * config.batch) / data.x.shape[0]!,
    seed: 3,
    save: false,
    ...options,
  };
  // the evidence lower bound needs noise; the other objectives are those of torch_blue, which has none
  const noise = objective === 'elbo' ? 'learned' : 'fitted';
  const run =
    problem === 'classification'
      ? fit(modelOf(config), data, { ...given, likelihood: likelihoods.categorical() })
      : fit(modelOf(config), data, { ...given, likelihood: likelihoods.gaussian({ noise }) });
  return (await run.done).variables;
}

/** The largest difference of two sets of variables, relative to the largest element of each variable. */
export function deviation(got: Variables, want: Variables): number {
  let worst = 0;
  for (const [name, values] of want) {
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const other = got.get(name)!;
    values.forEach((value, i) => (worst = Math.max(worst, Math.abs(other[i]! - value) / largest)));
  }
  return worst;
}

/** The deviation of each way from one worker, or null where training diverges. */
async function deviations(problem: Problem, objective: ObjectiveName): Promise<(number | null)[]> {
  const want = await train(problem, objective, { strategy: ALONE });
  const found: (number | null)[] = [];
  for (const { options } of ways) {
    try {
      found.push(deviation(await train(problem, objective, options), want));
    } catch (error) {
      if (!(error instanceof CredenceError) || error.code !== 'E_DIVERGED') throw error;
      found.push(null);
    }
  }
  return found;
}

/** What is measured, and the deviation of each way in it. */
interface Column {
  title: string;
  values: readonly (number | null)[];
}

const told = (value: number | null): string =>
  value === null ? 'diverges' : value === 0 ? '0' : value.toExponential(1);

/** A row for each way, in the order of `ways`. */
export function exactnessMarkdown(columns: readonly Column[]): string {
  const head = ['shared out over', ...columns.map(({ title }) => title)];
  return [
    ...tableHead(head),
    ...ways.map(({ title }, i) => row([title, ...columns.map(({ values }) => told(values[i]!))])),
  ].join('\n');
}

/** Measures all objectives on both problems. */
export async function exactness(progress: (line: string) => void): Promise<string> {
  const columns: Column[] = [];
  for (const objective of objectiveNames) {
    for (const problem of ['classification', 'regression'] as const) {
      progress(`${objective}, ${problem}`);
      columns.push({ title: `\`${objective}\`, ${problem}`, values: await deviations(problem, objective) });
    }
  }
  await closePool();
  return exactnessMarkdown(columns);
}
