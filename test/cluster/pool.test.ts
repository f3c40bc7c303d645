import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { type Pool, pool } from '../../lib/cluster';
import { type FitOptions, prepare } from '../../lib/fit';
import { nuts } from '../../lib/inference/chains/nuts';
import { swag } from '../../lib/inference/swag/swag';
import { vi } from '../../lib/inference/vi';
import { adam } from '../../lib/optimizers';
import { Decision } from '../../lib/parallel/memory/control';
import type { Observer, Training } from '../../lib/parallel/training';
import { resume } from '../../lib/resume';
import { list } from '../../lib/runs';
import { ownFolder } from '../runs/folder';
import { clouds, ENDLESS, fitClouds, options } from '../problems';
import { deviation } from '../variables';
import { settled, steps } from '../wait';
import { alive, allGone, TOLERANCE } from './drive';

const training = { optimizer: adam(1e-2), epochs: 34, save: false } as const;

const pidsOf = (cluster: Pool): number[] => cluster.ranks.map(({ pid }) => pid);

describe('cluster: a pool of two processes with two workers each', function () {
  this.timeout(180_000);
  let cluster: Pool;
  before(async () => (cluster = await pool({ launcher: 'mpirun', ranks: 2, workersPerRank: 2 })));
  after(async () => {
    const pids = pidsOf(cluster);
    await cluster.close();
    await allGone(pids);
  });

  it('says who takes part', () => {
    assert.equal(cluster.workers, 4);
    assert.match(
      String(cluster),
      /^Pool of 2 processes, 4 workers \(.+\)\n {2}rank 0: .+, 2 workers, (CPU \(\d+ cores\)|virtual GPU .+)\n {2}rank 1: /,
    );
  });

  const meshes = [
    [4, 1],
    [1, 4],
    [2, 2],
    [2, 1],
    [3, 1],
  ] as const;

  it(`learns what one worker learns on any mesh, to ${TOLERANCE} of the largest parameter`, async () => {
    const want = (await fitClouds({ ...training, devices: 1 }).done).variables;
    for (const [sample, data] of meshes) {
      const run = fitClouds({ ...training, devices: 'all', pool: cluster, strategy: { sample, data } });
      const off = deviation((await run.done).variables, want);
      assert.ok(off <= TOLERANCE, `${sample} x ${data}: off by ${off}`);
      assert.equal(run.workers, sample * data);
      assert.equal(run.workerTimes.length, 2);
      assert.ok(run.workerTimes.every(({ compute }) => compute > 0));
    }
  });

  it('rounds gradients to 16 bits on their way: half the traffic, and nearly the same result', async () => {
    const want = (await fitClouds({ ...training, devices: 1 }).done).variables;
    for (const [sample, data] of [
      [2, 1],
      [2, 2],
    ] as const) {
      const given = { ...training, devices: 'all', pool: cluster, exchange: 'bfloat16' } as const;
      const off = deviation((await fitClouds({ ...given, strategy: { sample, data } }).done).variables, want);
      assert.ok(off > TOLERANCE && off < 2e-2, `${sample} x ${data}: off by ${off}`);
    }
  });

  it('sends matrices as factors, with the same result however the work is shared out', async () => {
    const given = { ...training, devices: 'all', pool: cluster } as const;
    const train = async (sample: number, data: number, rank: number) =>
      (await fitClouds({ ...given, exchange: { rank }, strategy: { sample, data } }).done).variables;
    const exact = (await fitClouds({ ...training, devices: 1 }).done).variables;
    const want = await train(4, 1, 1);
    const off = deviation(want, exact);
    assert.ok(off > 1e-3 && off < 0.5, `rank 1 is off by ${off}: it was not used, or nothing was learned`);
    for (const [sample, data] of [
      [2, 1],
      [1, 4],
      [2, 2],
    ] as const) {
      const other = deviation(await train(sample, data, 1), want);
      assert.ok(other <= TOLERANCE, `${sample} x ${data}: off by ${other}`);
    }
    assert.ok(deviation(await train(2, 2, 2), exact) <= TOLERANCE, 'no matrix is large enough for rank 2');
  });

  it('joins the samples of all processes where a loss is no sum over samples', async () => {
    const method = vi({ samples: 6, objective: 'predictive' });
    const want = (await fitClouds({ ...training, method, devices: 1 }).done).variables;
    for (const [sample, data] of [
      [4, 1],
      [2, 2],
    ] as const) {
      const given = {
        ...training,
        method,
        devices: 'all' as const,
        pool: cluster,
        strategy: { sample, data },
      };
      const off = deviation((await fitClouds(given).done).variables, want);
      assert.ok(off <= TOLERANCE, `${sample} x ${data}: off by ${off}`);
    }
  });

  it('keeps vectors, and gathers chains', async () => {
    for (const method of [swag({ members: 2, rank: 3 }), nuts({ warmup: 30, draws: 20, maxTreeDepth: 4 })]) {
      const given: Partial<FitOptions<'classification'>> = {
        ...options(),
        method,
        save: false,
        ...(method.name.startsWith('nuts') ? { batchSize: undefined } : { epochs: 10 }),
      };
      const want = await fitClouds({ ...given, devices: 1 }).done;
      const got = await fitClouds({ ...given, devices: 'all', pool: cluster, strategy: 'sample' }).done;
      assert.ok(deviation(got.variables, want.variables) <= TOLERANCE, method.name);
    }
  });

  it('measures which mesh is the fastest of those that have work for all processes', async () => {
    const run = fitClouds({
      ...options(),
      devices: 'all',
      pool: cluster,
      strategy: 'auto',
      epochs: 34,
      save: false,
    });
    await run.done;
    assert.deepEqual(
      run.measured.map(({ mesh }) => mesh),
      [
        { sample: 4, data: 1 },
        { sample: 2, data: 2 },
        { sample: 1, data: 4 },
      ],
    );
  });

  it('does not hear what is asked of a training that has ended', async () => {
    const { spec } = prepare({ ...clouds, options: { ...options(), likelihood: clouds.likelihood } }, 'test');
    const silent: Observer = { metrics: () => undefined, saved: () => undefined };
    const train = (steps: number): Training => {
      const mesh = { sample: 2, data: 1 };
      return cluster.train(spec.program, spec.data, { ...spec.options, steps, mesh }, silent);
    };
    const first = train(3);
    await first.ending;
    const second = train(300);
    first.ask(Decision.stop);
    assert.deepEqual(await second.ending, { end: 'done', step: 300 });
  });

  it('pauses, tells how far it is, goes on and stops within a step', async () => {
    const run = fitClouds({
      ...options(),
      devices: 'all',
      pool: cluster,
      strategy: 'sample',
      epochs: ENDLESS,
      save: false,
    });
    await steps(run, 20);
    const snapshot = await run.snapshot();
    assert.ok(snapshot.variables.size > 0);
    run.pause();
    const paused = await settled(() => run.step);
    await run.snapshot(); // the copy that was made before the pause
    assert.equal(run.step, paused);
    run.resume();
    await steps(run, paused + 20);
    run.stop();
    await run.done;
    assert.equal(run.state, 'stopped');
    assert.ok(run.step < paused + 2000, `${run.step}`);
  });

  it('finishes with the present epoch', async () => {
    const run = fitClouds({ ...options(), devices: 'all', pool: cluster, epochs: ENDLESS, save: false });
    await steps(run, 20);
    run.finish();
    await run.done;
    assert.deepEqual([run.state, run.step % 3], ['stopped', 0]);
  });

  it('refuses another run meanwhile, and meshes that it has no room for', async () => {
    const run = fitClouds({
      ...options(),
      devices: 'all',
      pool: cluster,
      epochs: ENDLESS,
      strategy: 'sample',
      save: false,
    });
    assert.throws(() => fitClouds({ ...options(), devices: 'all', pool: cluster, save: false }), {
      code: 'E_CLUSTER',
      message: /at work on another run/,
    });
    run.stop();
    await run.done;
    for (const devices of [1, 5]) {
      assert.throws(() => fitClouds({ ...options(), devices, pool: cluster, save: false }), {
        code: 'E_OPTION',
        message: /2 to 4 of them, not/,
      });
    }
    assert.throws(() => fitClouds({ ...options(), pool: {} as Pool, save: false }), {
      code: 'E_OPTION',
      message: /await pool/,
    });
  });
});

describe('cluster: when something goes wrong', function () {
  this.timeout(180_000);
  ownFolder();

  it('ends on all ranks when one dies, says which, and goes on from the checkpoint with fewer and with more', async () => {
    const given = { ...options(), optimizer: adam(1e-2), epochs: 400 };
    const want = (await fitClouds({ ...given, devices: 1, save: false }).done).variables;
    const first = await pool({ launcher: 'mpirun', ranks: 2, workersPerRank: 1 });
    const run = fitClouds({ ...given, devices: 'all', pool: first, strategy: 'sample' });
    await steps(run, 30);
    const started = performance.now();
    process.kill(first.ranks[1]!.pid, 'SIGKILL');
    await assert.rejects(run.done, { code: 'E_CLUSTER', message: /rank 1 on .+ has died.*resume\(/s });
    assert.ok(performance.now() - started < 10_000);
    await allGone(pidsOf(first));
    assert.ok(run.step < 1200);
    assert.equal(list().find(({ id }) => id === run.id)!.state, 'failed');
    assert.throws(() => fitClouds({ ...given, devices: 'all', pool: first, save: false }), {
      code: 'E_CLUSTER',
      message: /has ended/,
    });

    const more = await pool({ launcher: 'mpirun', ranks: 3, workersPerRank: 1 });
    const again = resume(run.id, clouds.model, clouds.train, {
      ...given,
      likelihood: clouds.likelihood,
      devices: 'all',
      pool: more,
      strategy: 'sample',
    });
    await steps(again, run.step + 60);
    again.stop();
    await again.done;
    await more.close();
    const last = resume(run.id, clouds.model, clouds.train, {
      ...given,
      likelihood: clouds.likelihood,
      devices: 1,
    });
    const off = deviation((await last.done).variables, want);
    assert.equal(last.step, 1200);
    assert.ok(off <= 1e-4, `off by ${off}`); // ten times the steps
  });

  it('ends with who has started it, whatever ends that', async () => {
    const program = path.join(__dirname, 'starter.js');
    const starter: ChildProcess = spawn(process.execPath, [program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const line = await new Promise<string>((resolve) =>
      starter.stdout!.once('data', (data) => resolve(String(data))),
    );
    const pids = JSON.parse(line) as number[];
    assert.ok(pids.every(alive));
    starter.kill('SIGKILL');
    await allGone(pids);
  });

  it('says so if no job starts', async () => {
    await assert.rejects(pool({ launcher: 'mpirun', ranks: 1, arguments: ['--no-such-option'] }), {
      code: 'E_CLUSTER',
      message: /no-such-option/,
    });
    await assert.rejects(pool({ ranks: 0 }), { code: 'E_OPTION' });
    await assert.rejects(pool({ launcher: 'ssh' as 'srun' }), {
      code: 'E_OPTION',
      message: /'mpirun' or 'srun'/,
    });
  });
});
