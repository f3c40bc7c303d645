import assert from 'node:assert/strict';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Control, Decision, meaningOf } from '../../lib/parallel/memory/control';
import { settled, until } from '../wait';
import type { BarrierResult, BarrierWork } from './barrierWorker';

/** Waits longer than a worker sleeps before it looks again. */
const WHILE_MS = 150;

/** Starts threads that meet at barriers; `missing` of the workers that they wait for never come. */
async function meet({
  threads,
  missing = 0,
  steps = 1e9,
}: {
  threads: number;
  missing?: number;
  steps?: number;
}) {
  const control = new Control();
  const arrivals = new Int32Array(new SharedArrayBuffer(4));
  const work: BarrierWork = { control: control.buffer, workers: threads + missing, steps, arrivals };
  const workers = Array.from(
    { length: threads },
    () => new Worker(path.join(__dirname, 'barrierWorker.js'), { workerData: work }),
  );
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const results = Promise.all(
    workers.map(async (worker) => ((await once(worker, 'message')) as [BarrierResult])[0]),
  );
  return { control, arrivals, results };
}

describe('parallel: control', () => {
  it('tells all threads which copy of the state is whole, and of which step it is', () => {
    const main = new Control();
    const worker = new Control(main.buffer, 2);
    assert.deepEqual([main.whole, main.saves], [{ copy: 0, step: 0 }, 0]);
    worker.publish(1, 7);
    assert.deepEqual([main.whole, main.saves], [{ copy: 1, step: 7 }, 1]);
    worker.publish(0, 9);
    assert.deepEqual([main.whole, main.saves], [{ copy: 0, step: 9 }, 2]);
  });

  it('says what an agreement means: with which step all end, and when the state is saved', () => {
    const at = { step: 4, last: 9, rows: 60, batch: 20 }; // epochs of 3 steps
    const meaning = (decision: Decision, save = false) => meaningOf({ decision, save }, at);
    assert.deepEqual(meaning(Decision.go), { last: 9, saves: false });
    assert.deepEqual(meaning(Decision.go, true), { last: 9, saves: true });
    assert.deepEqual(meaning(Decision.stop), { last: 9, saves: true });
    assert.deepEqual(meaning(Decision.pause), { last: 9, saves: true });
    assert.deepEqual(meaning(Decision.finish), { last: 6, saves: false });
    const ended = { decision: Decision.go, save: false };
    assert.deepEqual(meaningOf(ended, { ...at, step: 9 }), { last: 9, saves: true });
    const finished = { decision: Decision.finish, save: false };
    assert.deepEqual(meaningOf(finished, { ...at, step: 6 }), { last: 6, saves: true });
  });

  for (const threads of [2, 3]) {
    it(`lets ${threads} threads pass a barrier only together, thousands of times`, async () => {
      const { results } = await meet({ threads, steps: 3000 });
      for (const { steps, early, freed } of await results)
        assert.deepEqual([steps, early, freed], [3000, 0, false]);
    });

    it(`makes ${threads} threads stop after the same step, and copy the state after the same ones`, async () => {
      const { control, arrivals, results } = await meet({ threads });
      /** Until all have met some times: what was asked for is agreed on by then. */
      const meetings = async (): Promise<void> => {
        const before = Atomics.load(arrivals, 0);
        await until(() => Atomics.load(arrivals, 0) > before + 10 * threads);
      };
      for (let asked = 0; asked < 3; asked++) {
        await meetings();
        control.askSave();
      }
      await meetings();
      control.ask(Decision.stop);
      const ended = await results;
      assert.ok(ended[0]!.steps > 0);
      assert.deepEqual(new Set(ended.map(({ steps }) => steps)), new Set([ended[0]!.steps]));
      for (const { saves } of ended) assert.equal(saves, 3);
    });
  }

  it('pauses all threads, and lets them go on', async () => {
    const { control, arrivals, results } = await meet({ threads: 2 });
    await sleep(20);
    control.ask(Decision.pause);
    const arrived = (): number => Atomics.load(arrivals, 0);
    const paused = await settled(arrived);
    assert.ok(paused > 0);
    await sleep(WHILE_MS);
    assert.equal(arrived(), paused);
    control.ask(Decision.go);
    await until(() => arrived() > paused + 100);
    control.ask(Decision.stop);
    const [a, b] = await results;
    assert.equal(a!.steps, b!.steps);
  });

  it('stops threads that are paused', async () => {
    const { control, results } = await meet({ threads: 2 });
    control.ask(Decision.pause);
    await sleep(WHILE_MS);
    control.ask(Decision.stop);
    const [a, b] = await results;
    assert.equal(a!.steps, b!.steps);
  });

  it('frees threads that wait for one that has died', async () => {
    const { control, results } = await meet({ threads: 2, missing: 1 });
    await sleep(WHILE_MS);
    const asked = performance.now();
    control.break();
    for (const { steps, freed } of await results) assert.deepEqual([steps, freed], [0, true]);
    assert.ok(performance.now() - asked < 2000);
  });

  it('frees threads that are paused when one has died', async () => {
    const { control, results } = await meet({ threads: 2 });
    control.ask(Decision.pause);
    await sleep(WHILE_MS);
    control.break();
    for (const { freed } of await results) assert.ok(freed);
  });

  it('lets threads meet again after one has died', async () => {
    const { control, results } = await meet({ threads: 2, missing: 1 });
    control.break();
    await results;
    control.mend();
    const workers = [new Control(control.buffer, 1), new Control(control.buffer, 1)];
    for (const worker of workers) worker.barrier(); // one that had come before it died counts no more
  });

  it('of a lone worker is the wish itself', () => {
    const control = new Control();
    assert.equal(control.agree().decision, Decision.go);
    control.ask(Decision.stop);
    assert.equal(control.agree().decision, Decision.stop);
  });

  it('asks for one copy at a time', () => {
    const control = new Control();
    assert.equal(control.agree().save, false);
    control.askSave();
    control.askSave();
    assert.deepEqual([control.agree().save, control.agree().save], [true, false]);
  });
});
