/** `npm run bench`: how fast a training step is, alone and against peers. See docs/benchmarks.md. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CredenceError } from '../lib/errors';
import { type Config, configs } from './configs';
import { type Entry, ourEntries, peak, peers } from './contenders';
import { compression } from './compression';
import { exactness } from './exactness';
import { exchange } from './exchange';
import { machine } from './machine';
import { markdown } from './markdown';
import { measure } from './measure';
import { mpi } from './mpi';
import { type Options, type PageName, parseOptions, usage } from './options';
import { writePage } from './page';
import { installPeers } from './peerPackages';
import { nameOf, type Report } from './report';
import { parts } from './scaling';
import { scalingMarkdown } from './scalingReport';

const progress = (line: string): void => void process.stderr.write(`${line}\n`);

/** Turns of scaling are so much longer: for the first few steps after they slept, the system often has several workers on one core. */
const LONG = 8;

/** Where the tables of pages are. */
const pages: Record<PageName, string> = {
  exactness: 'parallel.md',
  exchange: 'parallel.md',
  compression: 'cluster.md',
  mpi: 'benchmarks.md',
};

function entriesOf(config: Config, { scaling, threads, peers: all }: Options): Entry[] {
  if (scaling) return parts(config, threads, all).map(({ entry }) => entry);
  return [...ourEntries(config), ...(all ? peers : []), peak];
}

async function compare(options: Options): Promise<Report> {
  const { threads, device, rounds, steps } = options;
  const setting = { threads, device };
  if (options.peers) installPeers(device, options.torchIndex);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'credence-bench-'));
  const report: Report = { machine: machine(setting), setting, rounds, configs: [] };
  try {
    for (const name of options.configs) {
      const { stepsPerTurn } = configs[name];
      const usual = options.scaling ? LONG * stepsPerTurn : stepsPerTurn;
      const config = { ...configs[name], stepsPerTurn: steps ?? usual };
      const entries = entriesOf(config, options);
      report.configs.push(await measure(config, entries, { rounds, setting, folder, progress }));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return report;
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help')) return void process.stdout.write(usage);
  const options = parseOptions(args);
  const { page } = options;
  if (page) {
    const table = await { exactness, exchange, compression, mpi }[page](progress, options);
    process.stdout.write(`${table}\n`);
    if (options.docs) await writePage(pages[page], page, table);
    return;
  }
  const report = await compare(options);
  const { scaling, peers } = options;
  const measured = scaling ? scalingMarkdown({ ...report, peers }) : markdown(report);
  process.stdout.write(`${measured}\n`);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
  if (options.docs) await writePage('benchmarks.md', scaling ? 'scaling' : nameOf(report.setting), measured);
  if (report.configs.some(({ failures }) => failures.length > 0)) process.exitCode = 1;
}

main().catch((error: unknown) => {
  if (!(error instanceof CredenceError)) throw error;
  process.stderr.write(`${error.message}\n${error.code === 'E_OPTION' ? `\n${usage}` : ''}`);
  process.exitCode = 1;
});
