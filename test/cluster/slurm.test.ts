import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageRoot } from '../../lib/environment';
import { list } from '../../lib/runs';
import { drive } from './drive';
import { lacking, type Slurm, startSlurm } from './slurm';

/** A block of the page about clusters. */
function block(language: string, beginning: string): string {
  const page = readFileSync(path.join(packageRoot, 'docs', 'cluster.md'), 'utf8');
  return page
    .split(`\`\`\`${language}\n`)
    .find((text) => text.startsWith(beginning))!
    .split('```')[0]!;
}

interface Submitted {
  id: string;
  /** What it has said until now. */
  log(): string;
}

/** What the script says in the end. */
interface Told {
  state: string;
  steps: number;
  mean: number;
}

describe('cluster: Slurm', function () {
  this.timeout(120_000);
  let slurm: Slurm;
  before(async function () {
    const reason = lacking();
    if (reason === undefined) return void (slurm = await startSlurm());
    process.stderr.write(`      skipped: ${reason}\n`);
    this.skip();
  });
  after(() => slurm?.stop());

  it('starts a pool within an allocation, and says which rank has died', async () => {
    const allocation = ['salloc', '--quiet', '--ntasks=2'];
    const { trained, failed, gone } = await drive({ ranks: 2, workersPerRank: 1 }, slurm.env, allocation);
    assert.equal(trained.ranks.length, 2);
    process.kill(trained.ranks[1]!.pid, 'SIGKILL');
    const { code, message } = await failed;
    assert.equal(code, 'E_CLUSTER');
    assert.match(message, new RegExp(`^rank 1 on .+ \\(process ${trained.ranks[1]!.pid}\\) has died`));
    await gone();
  });

  describe('with a job as the documentation has it', () => {
    let folder: string;
    const usual = process.env['CREDENCE_RUNS'];
    before(() => {
      folder = mkdtempSync(path.join(tmpdir(), 'credence-sbatch-'));
      process.env['CREDENCE_RUNS'] = path.join(folder, 'runs');
      const programs = path.join(folder, 'node_modules', '.bin');
      mkdirSync(programs, { recursive: true });
      const cli = path.join(__dirname, '..', '..', 'kernel', 'cli.js');
      writeFileSync(
        path.join(programs, 'credence'),
        `#!/bin/sh\nshift\nexec '${process.execPath}' '${cli}' train --workers 1 "$@"\n`,
      );
      chmodSync(path.join(programs, 'credence'), 0o755);
      writeFileSync(path.join(folder, 'train.ts'), block('typescript', 'import').replace('1000', '300'));
      const job = block('sh', '#!/bin/bash');
      assert.match(job, /gpus-per-node/);
      writeFileSync(path.join(folder, 'job.sh'), job.replace(/^.*gpus-per-node.*\n/m, '')); // there are none
    });
    after(() => {
      process.env['CREDENCE_RUNS'] = usual;
      rmSync(folder, { recursive: true, force: true });
    });

    /** Submits it with two processes on this one node. */
    const submit = (): Submitted => {
      const file = path.join(folder, `${Math.random()}.log`);
      const size = ['--nodes=1', '--ntasks-per-node=2', '--time=5'];
      const where = ['--parsable', `--chdir=${folder}`, `--output=${file}`];
      const id = slurm.ask('sbatch', ...size, ...where, path.join(folder, 'job.sh'));
      return { id, log: () => (existsSync(file) ? readFileSync(file, 'utf8') : '') };
    };
    const stateOf = ({ id }: Submitted): string =>
      slurm.ask('squeue', '-h', '-t', 'all', '-j', id, '-o', '%T');
    const told = async (job: Submitted): Promise<Told> => {
      while (/PENDING|RUNNING|COMPLETING/.test(stateOf(job))) await sleep(200);
      assert.equal(stateOf(job), 'COMPLETED', job.log());
      const [, state, steps, mean] = /^(\w+) after (\d+) steps: (.+)$/m.exec(job.log()) ?? [];
      return { state: state!, steps: Number(steps), mean: Number(mean) };
    };

    it('stops when the time is over, and goes on in the next job, to the same end', async () => {
      const first = submit();
      while (!list().some(({ step }) => step > 100)) {
        assert.match(stateOf(first), /PENDING|RUNNING/, first.log());
        await sleep(50);
      }
      slurm.ask('scancel', '--signal=TERM', first.id);
      const stopped = await told(first);
      assert.equal(stopped.state, 'stopped');
      assert.ok(stopped.steps < 3000);
      assert.match(first.log(), /Pool of 2 processes/);
      const [run] = list();
      assert.deepEqual([run!.state, run!.step], ['stopped', stopped.steps]);

      const second = await told(submit());
      assert.deepEqual([second.state, second.steps], ['done', 3000]);
      assert.equal(list().length, 1);
      const undisturbed = await told(submit()); // the run before is done
      assert.equal(undisturbed.steps, 3000);
      assert.ok(Math.abs(second.mean - undisturbed.mean) < 1e-4, `${second.mean}, ${undisturbed.mean}`);
    });
  });
});
