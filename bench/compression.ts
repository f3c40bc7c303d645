/** What gradients that travel between processes with fewer bits, or as factors, save, and what is learned by them: real digits. */
import { adam, closePool, data, fit, layers, likelihoods, pool, type Pool, sequential, vi } from '../lib';
import { type FitOptions, prepare } from '../lib/fit';
import { planLowRank } from '../lib/parallel/plan/lowRankPlan';
import { row, tableHead } from './markdown';
import { overTcp } from './mpi';
import { median } from './statistics';

type Exchange = NonNullable<FitOptions<'classification'>['exchange']>;

const ways: readonly Exchange[] = ['float32', 'bfloat16', ...[32, 16, 8, 4, 2].map((rank) => ({ rank }))];
const SEEDS = [1, 2, 3];

const model = sequential([
  layers.flatten(),
  layers.dense({ units: 256, activation: 'relu' }),
  layers.dense({ units: 256, activation: 'relu' }),
  layers.dense({ units: 10 }),
]);

const optionsOf = (exchange: Exchange, seed: number) => ({
  method: vi({ samples: 4 }),
  likelihood: likelihoods.categorical(),
  optimizer: adam(1e-3),
  epochs: 25,
  batchSize: 128,
  seed,
  exchange,
  save: false,
});

type Digits = Awaited<ReturnType<typeof data.digits>>;

/** What a process sends in a step, on average of two steps. */
function kilobytesOf(exchange: Exchange, { train }: Digits): number {
  const { program } = prepare({ model, train, options: optionsOf(exchange, 0) }, 'bench').spec;
  const numbers = program.vectors.reduce((sum, { length }) => sum + length, 0);
  if (typeof exchange === 'string') return ((exchange === 'float32' ? 4 : 2) * numbers) / 1e3;
  const { rows, columns } = planLowRank(program, exchange.rank)!.turns;
  const sent = [rows, columns].map(({ compress }) => compress.outputs[0]!.shape[0]!);
  return (4 * (sent[0]! + sent[1]!)) / 2 / 1e3;
}

interface Trained {
  /** Of the posterior on the test data. */
  nll: number;
  accuracy: number;
  /** Milliseconds of a step outside of computing. */
  away: number;
}

async function train(
  exchange: Exchange,
  seed: number,
  cluster: Pool,
  { train, test }: Digits,
): Promise<Trained> {
  const run = fit(model, train, {
    ...optionsOf(exchange, seed),
    devices: 'all',
    strategy: 'sample',
    pool: cluster,
  });
  const { nll, accuracy } = (await run.done).evaluate(test);
  const away = run.workerTimes.map(({ exchange, wait }) => (1000 * (exchange + wait)) / run.step);
  return { nll, accuracy, away: Math.min(...away) }; // the slower one waits less
}

/** A Markdown table, a line for each way. */
export async function compression(progress: (line: string) => void): Promise<string> {
  const digits = await data.digits();
  Object.assign(process.env, overTcp());
  const cluster = await pool({ launcher: 'mpirun', ranks: 2, workersPerRank: 1 });
  const lines: string[] = [];
  for (const exchange of ways) {
    const name = typeof exchange === 'string' ? `'${exchange}'` : `{ rank: ${exchange.rank} }`;
    progress(name);
    const trained: Trained[] = [];
    for (const seed of SEEDS) trained.push(await train(exchange, seed, cluster, digits));
    const middle = (what: keyof Trained): number => median(trained.map((each) => each[what]));
    lines.push(
      row([
        `\`exchange: ${name}\``,
        kilobytesOf(exchange, digits).toFixed(0),
        middle('away').toFixed(1),
        middle('nll').toFixed(3),
        middle('accuracy').toFixed(3),
      ]),
    );
  }
  await cluster.close();
  await closePool();
  const head = ['gradients travel by', 'kB a step', 'ms a step on their way', 'test NLL', 'test accuracy'];
  return [...tableHead(head), ...lines].join('\n');
}
