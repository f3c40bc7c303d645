import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { findLauncher } from '../../lib/mpi';
import type { Ended } from '../child';

const program = path.join(__dirname, '..', '..', 'kernel', 'cli.js');

/** A script as a person writes it: types, a relative import, and awaits outside of functions. */
const script = `
import { adam, data, fit, layers, likelihoods, sequential, vi, type FitOptions } from 'credence';
import { epochs } from './settings';
const wave = data.wave({ points: 60, noise: 0.1, seed: 1 });
const options: FitOptions<'regression'> = {
  method: vi({ samples: 4 }), likelihood: likelihoods.gaussian(), optimizer: adam(1e-2),
  epochs: epochs(process.argv[2]), batchSize: 20, seed: 3, save: false,
};
const run = fit(sequential([layers.dense({ units: 4, activation: 'tanh' }), layers.dense({ units: 1 })]), wave.train, options);
const posterior = await run.done;
console.log(JSON.stringify({ state: run.state, step: run.step, workers: run.workers, mean: posterior.predict([[0.5]], { samples: 8 }).mean[0] }));
`;
const settings = 'export const epochs = (word: string | undefined): number => Number(word ?? 10);';

interface Told {
  state: string;
  step: number;
  workers: number;
  mean: number;
}

describe('credence train', function () {
  this.timeout(120_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'credence-train-'));
    const files = {
      'train.ts': script,
      'settings.ts': settings,
      'throws.ts': 'const x: number = 3;\nawait Promise.resolve();\nthrow new Error(`x is ${x}`);',
      'wrong.ts': 'const = 3;',
      'leaves.ts': "import { layers } from 'credence';\nif (layers) process.exit(0);",
    };
    for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const start = (words: readonly string[], ranks?: number): ChildProcess => {
    const own = [process.execPath, program, 'train', ...words];
    const launcher = ranks === undefined ? undefined : findLauncher('mpirun');
    const [command, ...rest] = launcher ? [launcher.program, ...launcher.flags(ranks!), ...own] : own;
    return spawn(command!, rest, {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 100_000,
      killSignal: 'SIGKILL',
    });
  };
  const ended = async (child: ChildProcess): Promise<Ended> => {
    const [[code, signal], stdout, stderr] = await Promise.all([
      once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
      text(child.stdout!),
      text(child.stderr!),
    ]);
    return { code, signal, stdout, stderr };
  };
  const run = (words: readonly string[], ranks?: number): Promise<Ended> => ended(start(words, ranks));
  const told = ({ stdout, stderr }: Ended): Told => {
    assert.match(stdout, /^\{.*\}\n$/, stderr); // by one process, however many there are
    return JSON.parse(stdout) as Told;
  };

  it('runs a script with its arguments, alone and on all processes of a job, to the same end', async () => {
    const alone = told(await run(['train.ts', '12']));
    assert.deepEqual([alone.state, alone.step], ['done', 36]);
    for (const ranks of [2, 4]) {
      const result = await run(['--workers', '1', 'train.ts', '12'], ranks);
      assert.equal(result.code, 0, result.stderr);
      const together = told(result);
      assert.deepEqual([together.state, together.step, together.workers], ['done', 36, ranks]);
      assert.ok(Math.abs(together.mean - alone.mean) < 1e-5);
      assert.match(result.stderr, new RegExp(`Pool of ${ranks} processes`));
    }
  });

  it('stops when it is told to, and the script goes on', async () => {
    const child = start(['train.ts', '100000000']);
    for await (const chunk of child.stderr!) if (/^Running/m.test(String(chunk))) break;
    child.kill('SIGINT');
    const [stdout] = await Promise.all([text(child.stdout!), once(child, 'close')]);
    assert.equal((JSON.parse(stdout) as Told).state, 'stopped');
  });

  it('says what is wrong with a script, at its line, and ends the job', async () => {
    for (const ranks of [undefined, 2]) {
      const { code, stderr } = await run(['throws.ts'], ranks);
      assert.notEqual(code, 0);
      assert.match(stderr, /x is 3/);
      assert.match(stderr, /throws\.ts:3/);
    }
    assert.match((await run(['wrong.ts'])).stderr, /wrong\.ts.*1,7.*error/s);
    const missing = await run(['nothing.ts']);
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /^credence: there is no script .*nothing\.ts\n$/);
    assert.equal((await run([])).code, 2);
    assert.equal((await run(['--workers', 'many', 'train.ts'])).code, 2);
  });

  it('lets a script leave', async () => {
    assert.equal((await run(['leaves.ts'])).code, 0);
    assert.equal((await run(['leaves.ts'], 2)).code, 0);
  });
});
