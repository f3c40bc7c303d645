/** `npm run uci`: test error and log likelihood of the methods on the UCI regression benchmark. See docs/benchmarks.md. */
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { closePool, data, fit, likelihoods } from '../../lib';
import { CredenceError } from '../../lib/errors';
import { count, validate } from '../../lib/validate';
import { deviation, mean } from '../statistics';
import { writePage } from '../page';
import { type MethodName, methods } from './methods';
import { published } from './published';

const SETS = ['bostonHousing', 'concrete', 'energy', 'yacht', 'wine-quality-red'] as const;
type SetName = (typeof SETS)[number];
const NAMES = Object.keys(methods) as MethodName[];

const usage = `npm run uci -- [sets] [options]   test error and log likelihood of the methods on UCI regression sets (some minutes)

  sets               of ${SETS.join(', ')} (default: all)
  --methods A,B      of ${NAMES.join(', ')} (default: all)
  --splits N         the first N of the 20 customary splits (default 5)
  --docs             put the table into docs/benchmarks.md
`;

const schema = v.strictObject({
  sets: v.array(v.picklist(SETS, `must be one of ${SETS.join(', ')}`)),
  methods: v.optional(
    v.pipe(
      v.string(),
      v.transform((list) => list.split(',')),
      v.array(v.picklist(NAMES, `must be one of ${NAMES.join(', ')}`)),
    ),
    NAMES.join(','),
  ),
  splits: v.optional(
    v.pipe(v.string(), v.transform(Number), count(1), v.maxValue(20, 'must be at most 20')),
    '5',
  ),
  docs: v.optional(v.boolean(), false),
});

/** What came out on one split, in the units of the file. */
interface Result {
  rmse: number;
  logLikelihood: number;
  /** Share of the test data in intervals of 90 %. */
  coverage: number;
  seconds: number;
}

async function measure(set: SetName, split: number, name: MethodName): Promise<Result> {
  const { train, test, target } = await data.uci(set, { split });
  const { model, method, training, samples } = methods[name](train.x.shape[0]!);
  const started = performance.now();
  const run = fit(model, train, {
    likelihood: likelihoods.gaussian(),
    method,
    ...training,
    seed: split,
    save: false,
  });
  const posterior = await run.done;
  const seconds = (performance.now() - started) / 1000;
  const { rmse, nll, coverage } = posterior.evaluate(test, { samples });
  return {
    rmse: rmse * target.std,
    logLikelihood: -nll - Math.log(target.std),
    coverage,
    seconds,
  };
}

const spread = (values: readonly number[], digits: number): string =>
  values.length < 2
    ? mean(values).toFixed(digits)
    : `${mean(values).toFixed(digits)} ± ${deviation(values).toFixed(digits)}`;

function table(set: SetName, results: ReadonlyMap<MethodName, readonly Result[]>): string {
  const row = (...cells: string[]): string => `| ${cells.join(' | ')} |`;
  const ours = [...results].map(([name, list]) =>
    row(
      name,
      spread(
        list.map(({ rmse }) => rmse),
        2,
      ),
      spread(
        list.map(({ logLikelihood }) => logLikelihood),
        2,
      ),
      `${Math.round(100 * mean(list.map(({ coverage }) => coverage)))} %`,
      mean(list.map(({ seconds }) => seconds)).toPrecision(2),
    ),
  );
  const theirs = published.map(({ name, results }) =>
    row(`*${name}*`, results[set]!.rmse, results[set]!.logLikelihood, '', ''),
  );
  return [
    `**${set}**`,
    '',
    row('method', 'RMSE', 'log likelihood', 'in the 90 % interval', 'seconds'),
    row('---', '--:', '--:', '--:', '--:'),
    ...ours,
    ...theirs,
  ].join('\n');
}

async function main(): Promise<void> {
  if (process.argv.includes('--help')) return void process.stdout.write(usage);
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { methods: { type: 'string' }, splits: { type: 'string' }, docs: { type: 'boolean' } },
  });
  const options = validate(schema, { ...values, sets: positionals }, 'uci');
  const tables: string[] = [];
  for (const set of options.sets.length > 0 ? options.sets : SETS) {
    const results = new Map<MethodName, Result[]>();
    for (const name of options.methods) {
      const list: Result[] = [];
      for (let split = 0; split < options.splits; split++) {
        const result = await measure(set, split, name);
        list.push(result);
        const { rmse, logLikelihood, seconds } = result;
        process.stderr.write(
          `${set} ${name} split ${split}: RMSE ${rmse.toFixed(3)}, log likelihood ${logLikelihood.toFixed(3)}, ${seconds.toFixed(1)} s\n`,
        );
      }
      results.set(name, list);
    }
    tables.push(table(set, results));
  }
  const sources = published.map(({ name, source }) => `- *${name}*: ${source}.`);
  const text = [
    `The first ${options.splits} of the 20 customary splits: mean ± standard deviation over them. Network 50 ReLU, noise learned, prior N(0, 1).`,
    ...tables,
    `Published, with other settings, not run here:\n\n${sources.join('\n')}`,
  ].join('\n\n');
  process.stdout.write(`${text}\n`);
  if (options.docs) await writePage('benchmarks.md', 'uci', text);
}

main()
  .catch((error: unknown) => {
    const known =
      error instanceof CredenceError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
    if (!known) throw error;
    process.stderr.write(`${(error as Error).message}\n\n${usage}`);
    process.exitCode = 1;
  })
  .finally(() => closePool());
