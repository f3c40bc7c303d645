import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Contender } from '../../bench/contender';
import type { Report } from '../../bench/report';
import { libFolder } from '../child';

const run = promisify(execFile);
const bench = path.join(libFolder, '..', 'bench', 'index.js');

describe('npm run bench', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'credence-bench-test-'))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('measures Credence on configuration a, which learns', async () => {
    const json = path.join(folder, 'report.json');
    const { stdout } = await run(process.execPath, [
      bench,
      'a',
      '--rounds',
      '2',
      '--steps',
      '4',
      '--json',
      json,
    ]);
    const report = JSON.parse(readFileSync(json, 'utf8')) as Report;

    assert.deepEqual(report.setting, { threads: 1, device: 'cpu' });
    assert.equal(report.configs.length, 1);
    const { config, results, failures, peak } = report.configs[0]!;
    assert.deepEqual(failures, []);
    assert.equal(config.stepsPerTurn, 4);
    assert.ok(peak!.cpuMs > 1 && peak!.wallMs > 0.1, JSON.stringify(peak));
    assert.deepEqual(
      results.map(({ name }) => name),
      ['Credence, weights', 'Credence, local'],
    );
    for (const result of results) {
      assert.equal(result.rounds.length, 2);
      for (const { steps, wallMs, cpuMs } of result.rounds) {
        assert.ok(steps >= 4 && wallMs > 0.1 && cpuMs > 0.1, JSON.stringify(result.rounds));
      }
      // uniform guesses cost log 10, and the posterior is far from its prior: both go down
      assert.ok(result.firstLoss > 15 && result.firstLoss < 20, String(result.firstLoss));
      assert.ok(result.trains && result.lastLoss < result.firstLoss - 1, String(result.lastLoss));
      assert.ok(result.peakMiB! > result.peakAboveImportMiB! && result.peakAboveImportMiB! > 0);
      assert.ok(result.versions['tensorflow']);
    }
    assert.match(stdout, /^\| Credence, weights \|.*%.*17\.\d to 1\d\.\d \|$/m);
  });

  it('refuses what it does not know, and says what there is', async () => {
    await assert.rejects(run(process.execPath, [bench, 'e']), /must be one of a, b, c, d/);
    await assert.rejects(run(process.execPath, [bench, '--thread', '1']), /--thread[^]*--threads N/);
  });

  it('says why a contender could not run', async () => {
    const program = "process.stdin.once('data', () => { throw new TypeError('no such layer') })";
    const hello = `process.stdout.write('{"type":"ready"}\\n');`;
    const command = { program: process.execPath, args: ['-e', hello + program], variables: {} };
    const [contender] = await Contender.start('somebody', command);
    await assert.rejects(contender.run(1), {
      code: 'E_RUN',
      message: /^somebody: it ended .*TypeError: no such layer/,
    });
    const missing = { program: 'no-such-program', args: [], variables: {} };
    await assert.rejects(Contender.start('nobody', missing), { code: 'E_RUN', message: /ENOENT/ });
  });
});
