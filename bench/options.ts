import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { CredenceError } from '../lib/errors';
import { count, validate } from '../lib/validate';
import { type ConfigName, configNames, type DeviceKind } from './configs';

export const usage = `npm run bench -- [a b c d] [options]    time per training step, also of peers
npm run bench -- scaling [a b c d]      the same with steps shared out over workers (default: a c)
npm run bench -- exactness [--docs]     how far the end of training is from that of one worker (some minutes)
npm run bench -- exchange [--docs]      what it costs that two workers exchange gradients
npm run bench -- compression [--docs]   what gradients with fewer bits save between processes, and what they learn
npm run bench -- mpi [--docs]           what it costs that two processes add up arrays over MPI

  --peers            against PyTorch, torch_blue, JAX and NumPyro, which are installed the first time;
                     for scaling against PyTorch and torch_blue, on torch.distributed with gloo; for mpi against gloo
  --torch-index URL  where pip finds a build of PyTorch other than PyPI's
  --threads N        threads of each contender (default 1); for scaling: workers (default 2)
  --device cpu|gpu   default cpu
  --rounds N         turns of each contender (default 9)
  --steps N          steps in a turn (default: some tenths of a second, for scaling a second or more)
  --json FILE        write everything that was measured
  --docs             put the tables into docs/benchmarks.md, those of exactness and exchange into docs/parallel.md, that of
                     compression into docs/cluster.md
`;

const pageNames = ['exactness', 'exchange', 'compression', 'mpi'] as const;
export type PageName = (typeof pageNames)[number];

export interface Options {
  /** Whether to measure scaling. */
  scaling: boolean;
  /** What else to measure: see `usage`. */
  page: PageName | undefined;
  configs: ConfigName[];
  peers: boolean;
  torchIndex: string | undefined;
  threads: number;
  device: DeviceKind;
  rounds: number;
  steps: number | undefined;
  json: string | undefined;
  docs: boolean;
}

const whole = (least: number) => v.pipe(v.string(), v.transform(Number), count(least));

const schema = v.strictObject({
  configs: v.array(v.picklist(configNames, `must be one of ${configNames.join(', ')}`)),
  peers: v.optional(v.boolean(), false),
  'torch-index': v.optional(v.string()),
  threads: v.optional(whole(1)),
  device: v.optional(v.picklist(['cpu', 'gpu']), 'cpu'),
  rounds: v.optional(whole(1), '9'),
  steps: v.optional(whole(1)),
  json: v.optional(v.string()),
  docs: v.optional(v.boolean(), false),
});

/** @throws CredenceError E_OPTION */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = split(args);
  const scaling = positionals[0] === 'scaling';
  const page = pageNames.find((name) => name === positionals[0]);
  const { 'torch-index': torchIndex, ...given } = validate(
    schema,
    { ...values, configs: positionals.slice(scaling || page ? 1 : 0) },
    'bench',
  );
  const { threads = scaling ? 2 : 1, device, steps, json } = given;
  if (scaling && (device === 'gpu' || threads < 2)) {
    throw new CredenceError('E_OPTION', 'bench scaling: measures at least 2 workers (--threads 2), on cores');
  }
  const taken = page === 'mpi' ? ['docs', 'peers', 'torch-index'] : ['docs'];
  if (page && (given.configs.length > 0 || Object.keys(values).some((name) => !taken.includes(name)))) {
    throw new CredenceError(
      'E_OPTION',
      `bench ${page}: takes no option but ${taken.map((name) => `--${name}`).join(', ')}`,
    );
  }
  const standard: ConfigName[] = scaling ? ['a', 'c'] : configNames;
  const configs = given.configs.length > 0 ? given.configs : standard;
  return { ...given, scaling, page, configs, torchIndex, threads, steps, json };
}

function split(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        peers: flag,
        docs: flag,
        'torch-index': text,
        threads: text,
        device: text,
        rounds: text,
        steps: text,
        json: text,
      },
    });
  } catch (error) {
    throw new CredenceError('E_OPTION', `bench: ${(error as Error).message}`);
  }
}
