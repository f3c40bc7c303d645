import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { configs } from '../../bench/configs';
import { Contender } from '../../bench/contender';
import type { ConfigResults, Result } from '../../bench/measure';
import { parseOptions } from '../../bench/options';
import { peerPython } from '../../bench/peerPackages';
import { writeProblem } from '../../bench/problem';
import type { Report } from '../../bench/report';
import { parts } from '../../bench/scaling';
import { scaled, scalingMarkdown } from '../../bench/scalingReport';
import { packageRoot, pythonExecutable } from '../../lib/environment';
import { libFolder } from '../child';
import { refuses } from '../refuses';

const run = promisify(execFile);
const bench = path.join(libFolder, '..', 'bench', 'index.js');
const peerFolder = path.join(packageRoot, 'bench', 'peers');

const result = (name: string, wallMs: number, more: Partial<Result> = {}): Result => ({
  name,
  cpuMs: wallMs,
  wallMs,
  rounds: [1, 2, 3, 4, 5].map((wallMs) => ({ steps: 1, wallMs, cpuMs: 1, loss: 1 })),
  firstCallSeconds: 1,
  firstLoss: 17,
  lastLoss: 15,
  trains: true,
  peakMiB: 300,
  peakAboveImportMiB: 100,
  gflop: 1,
  versions: {},
  ...more,
});

const measured: ConfigResults = {
  config: configs.a,
  results: [
    result('Credence, alone', 12),
    result('Credence, samples shared', 8),
    result('Credence, samples times workers', 15),
    result('Credence, shares side by side', 7.5),
    result('Credence, side by side', 12.5),
    result('torch_blue, Monte Carlo, alone', 60),
    result('torch_blue, Monte Carlo, samples shared', 40),
    result('torch_blue, Monte Carlo, data shared', 80, { trains: false }),
    result('PyTorch, loop, samples shared', 16),
  ],
  failures: [{ name: 'Credence, data shared', reason: 'Credence, data shared: it ended' }],
  peak: null,
};

describe('the report of scaling', () => {
  const all = scaled(measured, parts(configs.a, 2, true), 2);
  const of = (name: string) => all.find(({ result }) => result.name === name)!;

  it('tells speed-up and efficiency over the same contender alone', () => {
    const told = (name: string) => [of(name).speedup, of(name).efficiency];
    assert.deepEqual(told('Credence, alone'), [1, 1]);
    assert.deepEqual(told('Credence, samples shared'), [1.5, 0.75]);
    assert.deepEqual(told('Credence, samples times workers'), [1.6, 0.8]);
    assert.deepEqual(told('Credence, shares side by side'), [1.6, 0.8]);
    assert.deepEqual(told('Credence, side by side'), [1.92, 0.96]);
    assert.deepEqual(told('torch_blue, Monte Carlo, samples shared'), [1.5, 0.75]);
    assert.deepEqual(told('PyTorch, loop, samples shared'), [null, null]); // not measured alone
    assert.deepEqual(of('Credence, alone').middleHalf, [2, 4]);
  });

  it('compares ours with those that share alike, and train', () => {
    assert.deepEqual(
      all.flatMap(({ result, ratios }) => ratios.map(({ family, ratio }) => [result.name, family, ratio])),
      [
        ['Credence, alone', 'torch_blue, Monte Carlo', 0.2],
        ['Credence, samples shared', 'torch_blue, Monte Carlo', 0.2],
        ['Credence, samples shared', 'PyTorch, loop', 0.5],
      ],
    );
  });

  it('is a table, with what the machine allows and who did not run', () => {
    const text = scalingMarkdown({
      machine: {
        date: '2026-01-02',
        cpu: 'Some CPU',
        cores: 2,
        memoryGiB: 8,
        gpu: null,
        system: 'Linux',
        pinned: true,
        versions: { node: '20' },
      },
      setting: { threads: 2, device: 'cpu' },
      rounds: 5,
      configs: [measured],
      peers: true,
    });
    assert.match(
      text,
      /^\| Credence, samples shared \| 8\.00 \| 2\.00 to 4\.00 \| 1\.50 \| 1\.00 \| 75 % \| 300 \| 17\.0 to 15\.0 \|$/m,
    );
    assert.match(text, /^- strong scaling: 75 % of ideal, \*\*94 %\*\* of what the machine allows$/m);
    assert.match(text, /^- weak scaling: 80 % of ideal, \*\*83 %\*\* of what the machine allows$/m);
    assert.match(text, /^- Credence, samples shared \/ PyTorch, loop alike: \*\*0\.50\*\* of the time$/m);
    assert.match(text, /^- \*\*does not train\*\*: torch_blue, Monte Carlo, data shared$/m);
    assert.match(text, /^- not measured: Credence, data shared: it ended$/m);
  });
});

describe('npm run bench -- scaling', function () {
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'credence-bench-test-'))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('has two workers and the configurations a and c unless told otherwise', () => {
    const { scaling, threads, configs: names } = parseOptions(['scaling']);
    assert.deepEqual([scaling, threads, names], [true, 2, ['a', 'c']]);
    assert.deepEqual(parseOptions(['scaling', 'b', '--threads', '3']).configs, ['b']);
    assert.deepEqual([parseOptions(['b']).scaling, parseOptions(['b']).threads], [false, 1]);
    for (const more of [
      ['--threads', '1'],
      ['--device', 'gpu'],
    ]) {
      refuses(() => parseOptions(['scaling', ...more]), 'E_OPTION', /at least 2 workers/);
    }
  });

  it('measures Credence alone, shared out, and side by side, which all learn alike', async () => {
    const json = path.join(folder, 'report.json');
    const args = ['scaling', 'a', '--rounds', '1', '--steps', '4', '--json', json];
    const { stdout } = await run(process.execPath, [bench, ...args]);
    const report = JSON.parse(readFileSync(json, 'utf8')) as Report;
    const { results, failures } = report.configs[0]!;
    assert.deepEqual(failures, []);
    assert.deepEqual(
      results.map(({ name }) => name.replace('Credence, ', '')),
      [
        'alone',
        'samples shared',
        'data shared',
        'samples times workers',
        'shares side by side',
        'side by side',
      ],
    );
    const [alone, ...others] = results;
    for (const { name, firstLoss, trains, wallMs } of others) {
      // the same seed: the same step, whoever makes it (but its KL divergence is a long sum, in float32); other samples, about the same
      const tolerance = /times workers|shares/.test(name) ? 0.2 : 5e-3;
      assert.ok(Math.abs(firstLoss - alone!.firstLoss) < tolerance, `${name}: ${firstLoss}`);
      assert.ok(trains && wallMs > 0.1);
    }
    assert.match(stdout, /^\| Credence, side by side \|/m);
  });

  it('hears a peer of one process', async () => {
    const program = `
import sys
sys.path.insert(0, sys.argv.pop())
from protocol import arguments, serve
options = arguments()
assert (options.samples, options.processes, options.share) == (6, 1, "samples"), options
serve(lambda: lambda i: 10.0 - i, {"toy": "1"})
`;
    const [contender, ready] = await Contender.start('toy', {
      program: pythonExecutable(),
      args: ['-c', program, folder, '--samples', '6', peerFolder],
      variables: { PYTHONDONTWRITEBYTECODE: '1' },
    });
    try {
      assert.deepEqual([ready.loss, ready.versions], [10, { toy: '1' }]);
      const { steps, loss, wallMs, cpuMs } = await contender.run(3);
      assert.deepEqual([steps, loss], [3, 7]);
      assert.ok(wallMs >= 0 && cpuMs >= 0);
      assert.equal((await contender.run(2)).loss, 5);
    } finally {
      contender.stop();
    }
  });

  for (const share of ['samples', 'data']) {
    it(`hears two PyTorch processes that share ${share}, through rank 0`, async function () {
      if (!existsSync(peerPython)) this.skip();
      writeProblem(folder, configs.a);
      const [contender, ready] = await Contender.start('loop', {
        program: peerPython,
        args: [path.join(peerFolder, 'torch_loop.py'), folder, '--processes', '2', '--share', share],
        variables: { OMP_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' },
      });
      try {
        assert.ok(ready.loss > 15 && ready.loss < 20, String(ready.loss));
        const turns = [await contender.run(5), await contender.run(10)];
        assert.deepEqual(
          turns.map(({ steps }) => steps),
          [5, 10],
        );
        assert.ok(turns[1]!.loss < ready.loss - 1, JSON.stringify(turns));
        // two processes, each with its PyTorch
        assert.ok(turns[1]!.peakMiB! > 600, JSON.stringify(turns));
      } finally {
        contender.stop();
      }
    });
  }
});
