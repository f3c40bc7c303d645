import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { tensorflow } from '../../lib/engine/tfjs/tensorflow';
import { accuracy } from '../../lib/metrics';
import { workerPool } from '../../lib/parallel/worker/pool';
import { adam } from '../../lib/optimizers';
import type { Run } from '../../lib/runs/run';
import { activeRuns, findRun, lastRun } from '../../lib/runs/registry';
import { clouds, ENDLESS, fitClouds } from '../problems';
import { settled, steps } from '../wait';

const start = (given: { epochs: number; devices?: number }) => fitClouds({ optimizer: adam(1e-2), ...given });

/** Seconds that each worker has spent. */
const spent = ({ workerTimes }: Run): number[] =>
  workerTimes.map(({ compute, exchange, wait }) => compute + exchange + wait);

describe('runs: a run', () => {
  it('learns, and ends with what it has learned', async () => {
    const run = start({ epochs: 200 });
    assert.deepEqual([run.state, run.step, run.active], ['starting', 0, true]);
    assert.throws(() => run.posterior, { code: 'E_RUN', message: /no posterior yet/ });
    const posterior = await run.done;
    assert.equal(run.posterior, posterior);
    assert.deepEqual([run.state, run.step, run.active, run.error], ['done', 600, false, undefined]);
    const { nll, kl } = run.history;
    assert.deepEqual([nll.length, kl.length], [600, 600]);
    assert.ok(nll.at(-1)! < nll[0]! / 2);
    assert.ok([...nll, ...kl].every(Number.isFinite));
    const { x, y } = clouds.train;
    assert.ok(accuracy(posterior.predict(x).mean, y) > 0.9);
    assert.ok(run.elapsed > 0 && run.stepsPerSecond! > 0);
    assert.match(
      run.toString(),
      /^Run \d{4}-\d\d-\d\d-\d{6}-[0-9a-f]+: done, step 600 of 600 \(200 epochs\), 6 samples on 1 worker$/,
    );
    assert.match(
      inspect(posterior),
      /^Posterior \(categorical likelihood, inputs \[2\]\)\n {2}0\.dense\.kernel\.mean \[2, /,
    );
    assert.equal(inspect(posterior).split('\n').length, 7);
    assert.equal(inspect(run), String(run));
  });

  for (const devices of [1, 2]) {
    describe(`on ${devices} worker${devices > 1 ? 's' : ''}`, () => {
      it('does no step while it is paused, and goes on', async () => {
        const run = start({ epochs: ENDLESS, devices });
        await steps(run, 10);
        run.pause();
        assert.equal(run.state, 'paused');
        const paused = await settled(() => run.step);
        await sleep(200);
        assert.equal(run.step, paused);
        assert.equal(run.state, 'paused');
        run.resume();
        assert.equal(run.state, 'running');
        await steps(run, paused + 10);
        run.stop();
        await run.done;
        assert.ok(run.step >= paused + 10);
      });

      it('counts no pause as time that it took', async () => {
        const run = start({ epochs: ENDLESS, devices });
        await steps(run, 10);
        run.pause();
        await settled(() => run.step);
        const [elapsed, speed, before] = [run.elapsed, run.stepsPerSecond, spent(run)];
        await sleep(1000);
        assert.deepEqual([run.elapsed, run.stepsPerSecond, spent(run)], [elapsed, speed, before]);
        run.resume();
        await steps(run, run.step + 10);
        run.stop();
        await run.done;
        const work = run.elapsed - elapsed;
        for (const [rank, seconds] of spent(run).entries()) {
          const more = seconds - before[rank]! - work;
          assert.ok(more < 0.5, `worker ${rank} counts ${more} s more than passed`);
        }
      });

      it('stops, and keeps what it has learned', async () => {
        const run = start({ epochs: ENDLESS, devices });
        await steps(run, 300);
        run.stop();
        assert.equal(run.state, 'stopping');
        const posterior = await run.done;
        assert.equal(run.state, 'stopped');
        assert.ok(run.step >= 300 && run.step < run.plan.steps);
        assert.equal(run.history.nll.length, run.step);
        assert.ok(accuracy(posterior.predict(clouds.train.x).mean, clouds.train.y) > 0.9);
      });

      it('stops before its first step', async () => {
        const run = start({ epochs: ENDLESS, devices });
        run.stop();
        const posterior = await run.done;
        assert.equal(run.state, 'stopped');
        assert.ok(
          run.step >= 1 && run.step < 1000,
          'a worker that is warm may do some steps before it sees the wish',
        );
        assert.ok(posterior.predict([[0, 1]]).mean.every(Number.isFinite));
      });

      it('stops while it is paused', async () => {
        const run = start({ epochs: ENDLESS, devices });
        run.pause();
        const paused = await settled(() => run.step);
        run.stop();
        await run.done;
        assert.equal(run.state, 'stopped');
        assert.ok(run.step <= paused + 1);
      });

      it('gives copies of the posterior while it goes on', async () => {
        const run = start({ epochs: ENDLESS, devices });
        const [first, same] = await Promise.all([run.snapshot(), run.snapshot()]);
        await steps(run, run.step + 300);
        const second = await run.snapshot();
        run.stop();
        const last = await run.done;
        const kernels = [first, same, second, last].map(({ variables }) =>
          Array.from(variables.get('0.dense.kernel.mean')!),
        );
        assert.deepEqual(kernels[0], kernels[1]);
        assert.notDeepEqual(kernels[0], kernels[2]);
        assert.equal(await run.snapshot(), last);
        const nll = (posterior: typeof first): number =>
          posterior
            .predict(clouds.train.x)
            .mean.reduce(
              (sum, p, i) => sum - (i % 2 === clouds.train.y[Math.floor(i / 2)] ? Math.log(p) : 0),
              0,
            );
        assert.ok(nll(second) < nll(first));
      });
    });
  }

  it('takes no notice of what comes too late or twice', async () => {
    const run = start({ epochs: 2 });
    run.resume();
    await run.done;
    for (const verb of ['pause', 'resume', 'stop'] as const) run[verb]();
    assert.equal(run.state, 'done');
    const other = start({ epochs: ENDLESS });
    other.stop();
    other.stop();
    other.pause();
    await other.done;
    assert.equal(other.state, 'stopped');
  });

  it('may be stopped by whoever listens to it, each time that it tells something', async () => {
    const run = start({ epochs: ENDLESS });
    run.onChange(() => run.stop());
    await run.done;
    assert.equal(run.state, 'stopped');
  });

  it('tells of its changes until nobody listens any more', async () => {
    const run = start({ epochs: ENDLESS });
    let heard = 0;
    const quiet = run.onChange(() => heard++);
    await steps(run, 1);
    assert.ok(heard > 0);
    quiet();
    const before = heard;
    run.stop();
    await run.done;
    assert.equal(heard, before);
  });

  it('is found by its id while it is active, and as the last one', async () => {
    const [first, second] = [start({ epochs: ENDLESS }), start({ epochs: ENDLESS })];
    assert.equal(lastRun(), second);
    assert.deepEqual([findRun(first.id), findRun(second.id), findRun('run-0-0')], [first, second, undefined]);
    assert.deepEqual(activeRuns().slice(-2), [first, second]);
    first.stop();
    second.stop();
    await Promise.all([first.done, second.done]);
    assert.deepEqual([findRun(first.id), findRun(second.id), lastRun()], [undefined, second, second]);
    assert.deepEqual(activeRuns(), []);
  });

  it('leaves no tensor and no thread behind, twenty times', async () => {
    await start({ epochs: 1 }).done;
    const { binding } = tensorflow();
    const state = () => [binding.getNumOfTensors(), workerPool().threads.length];
    const before = state();
    for (let i = 0; i < 20; i++) await start({ epochs: 1 }).done;
    assert.deepEqual(state(), before);
  });
});
