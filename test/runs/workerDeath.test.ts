import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { closePool, workerPool } from '../../lib/parallel/worker/pool';
import type { Run } from '../../lib/runs/run';
import { foldIn, keyOf, uniforms } from '../../lib/threefry';
import { ENDLESS, fitClouds } from '../problems';
import { settled, steps, until } from '../wait';

const STEPS_PER_EPOCH = 3;

const start = (devices: number, epochs: number): Run<'classification'> => fitClouds({ devices, epochs });

/** Ends a worker thread, whatever it does at the moment. */
async function kill(number: number): Promise<void> {
  const { threads } = workerPool();
  await threads[number % threads.length]?.terminate();
}

const numbers = (run: Run): Float32Array[] => [...run.posterior.variables.values()];

describe('runs: a run whose worker thread dies', () => {
  beforeEach(() => closePool()); // so that there is no thread but those of the run

  for (const [devices, victim] of [
    [1, 0],
    [2, 0],
    [2, 1],
  ] as const) {
    it(`(thread ${victim} of ${devices}) gets another one, and ends where an undisturbed run ends`, async () => {
      const epochs = devices === 1 ? 10_000 : 1500;
      const run = start(devices, epochs);
      await steps(run, 300);
      assert.equal(workerPool().threads.length, devices);
      const before = run.step;
      await kill(victim);
      await until(() => run.recoveries === 1);
      assert.match(run.notice!, /^a worker died \(.+\) and was replaced: training went on from step \d+$/);
      await run.done;
      assert.ok(before < run.step, 'it was killed while it was at work');
      assert.deepEqual([run.state, run.step, run.recoveries], ['done', STEPS_PER_EPOCH * epochs, 1]);
      assert.equal(run.history.kl.length, run.step);
      const undisturbed = start(devices, epochs);
      await undisturbed.done;
      assert.deepEqual(numbers(run), numbers(undisturbed));
      assert.deepEqual(run.history, undisturbed.history);
    });
  }

  it('goes on with whatever was asked for: a copy of the posterior, a pause, a stop', async () => {
    const run = start(2, ENDLESS);
    await steps(run, 50);
    const snapshot = run.snapshot();
    await kill(0);
    const { variables } = await snapshot;
    assert.ok([...variables.values()].every((values) => values.every(Number.isFinite)));
    run.pause();
    await kill(1);
    await until(() => run.recoveries === 2);
    assert.equal(run.state, 'paused');
    run.stop();
    await run.done;
    assert.equal(run.state, 'stopped');
  });

  it('fails with E_WORKER where every new one dies as well, and keeps what was learned', async () => {
    const run = start(2, ENDLESS);
    await steps(run, 300);
    await run.snapshot();
    run.pause(); // so that no step is made between two deaths
    await settled(() => run.step);
    for (let i = 0; i < 4; i++) {
      await kill(i % 2);
      await until(() => run.recoveries > i || !run.active);
      await run.snapshot(); // the new ones have come: a thread that dies while it loads koffi takes the process with it
    }
    await assert.rejects(run.done, {
      name: 'CredenceError',
      code: 'E_WORKER',
      message: /worker threads died 4 times at step \d+ .*kept in run\.posterior/,
    });
    assert.deepEqual([run.state, run.error?.code], ['failed', 'E_WORKER']);
    assert.ok(numbers(run).every((values) => values.every(Number.isFinite)));
    const next = start(2, 2);
    await next.done;
    assert.equal(next.step, 2 * STEPS_PER_EPOCH);
  });

  it('survives a hundred of them, and leaves no thread, tensor or file behind', async function () {
    this.timeout(600_000);
    const KILLS = 100;
    const threadsOfProcess = (): number => {
      try {
        return Number(/^Threads:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]);
      } catch {
        return 0; // not Linux
      }
    };
    const files = (): number => {
      try {
        return readdirSync('/proc/self/fd').length;
      } catch {
        return 0;
      }
    };
    await start(2, 2).done;
    const before = { threads: threadsOfProcess(), files: files() };
    const which = uniforms(foldIn(keyOf(1), 0), KILLS);
    const run = start(2, ENDLESS);
    for (let i = 0; i < KILLS; i++) {
      // each after some steps at another place: in the middle of a step, at a barrier, while the state is copied
      await steps(run, run.step + 1 + Math.floor(20 * which[(i + 1) % KILLS]!));
      await kill(Math.floor(2 * which[i]!));
      await until(() => run.recoveries === i + 1);
    }
    run.stop();
    await run.done;
    assert.equal(run.recoveries, KILLS);
    const undisturbed = fitClouds({ devices: 2, epochs: Math.ceil(run.step / STEPS_PER_EPOCH) });
    await undisturbed.done;
    const { nll } = run.history;
    assert.deepEqual(nll, undisturbed.history.nll.slice(0, nll.length));
    assert.ok(
      threadsOfProcess() <= before.threads + 2,
      `${before.threads} threads became ${threadsOfProcess()}`,
    );
    assert.ok(files() <= before.files + 8, `${before.files} open files became ${files()}`);
  });
});
