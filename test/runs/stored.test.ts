import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inspect } from 'node:util';
import { runs } from '../../lib/index';
import { newRunId, runFolder } from '../../lib/runs/runFolder';
import { refuses } from '../refuses';
import { config, keep, ownFolder, program, record, stateAt } from './folder';

describe('runs: those on disk', () => {
  const folder = ownFolder();

  it('are listed, newest first', async () => {
    const first = await keep(10);
    const second = await keep(30, {}, 'stopped');
    const running = record();
    running.metrics(1, [7], [1]);
    running.checkpoint(stateAt(1));
    await running.close();
    const list = runs.list();
    assert.deepEqual(
      list.map(({ id, state, step, steps }) => [id, state, step, steps]),
      [
        [path.basename(running.folder), 'running', 1, 30],
        [second.id, 'stopped', 30, 30],
        [first.id, 'done', 10, 30],
      ],
    );
    assert.equal(list[0]!.loss, 8);
    assert.equal(
      list[2]!.loss,
      Array.from({ length: 10 }, (_, i) => 1 / (i + 1)).reduce((a, b) => a + b) / 10,
    );
    assert.equal(list[1]!.started.toISOString(), second.started);
    assert.ok(list.every(({ elapsed }) => elapsed >= 0 && elapsed < 60));
    assert.equal(list[2]!.folder, runFolder(first.id));
    const lines = inspect(list).split('\n');
    assert.match(lines[0]!, /^id +state +step +started +elapsed +loss$/);
    assert.match(
      lines[3]!,
      new RegExp(`^${first.id} +done +10 of 30 +\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d +0\\.\\d s +0\\.2929$`),
    );
    assert.equal(lines[4], `in ${folder()}`);
    running.end('done');
    await running.close();
  });

  it('may be none', () => {
    assert.deepEqual([...runs.list()], []);
    assert.equal(inspect(runs.list()), `No runs in ${folder()}`);
  });

  it('are listed with what is wrong if they cannot be read, and can be deleted', async () => {
    const id = newRunId(new Date('2026-11-21T14:30:12Z'));
    mkdirSync(runFolder(id));
    writeFileSync(path.join(runFolder(id), 'config.json'), '{"format":');
    const good = await keep(3);
    const [damaged] = runs.list().filter(({ state }) => state === 'unreadable');
    assert.deepEqual([damaged!.id, damaged!.started.toISOString()], [id, '2026-11-21T14:30:12.000Z']);
    assert.match(inspect(runs.list()), new RegExp(`${id}: .*config\\.json cannot be used: `));
    refuses(() => runs.load(id), 'E_FILE', /config\.json/);
    runs.remove(id);
    assert.deepEqual(readdirSync(folder()), [good.id]);
  });

  it('give back all that is kept', async () => {
    const of = await keep(25);
    const run = runs.load(of.id.slice(0, -1));
    assert.deepEqual([run.id, run.state, run.folder], [of.id, 'done', runFolder(of.id)]);
    assert.deepEqual(run.config, of);
    assert.deepEqual(Array.from(run.metrics.nll.slice(0, 3)), [1, 1 / 2, 1 / 3]);
    assert.equal(run.metrics.step.length, 25);
    assert.equal(run.checkpoint!.step, 25);
    assert.deepEqual(
      [...run.checkpoint!.variables.keys()],
      program.variables.map(({ name }) => name),
    );
    const { vector, offset } = program.variables.find(({ name }) => name === '1.dense.kernel.mean')!;
    const kernel = run.checkpoint!.variables.get('1.dense.kernel.mean')!;
    assert.deepEqual(kernel.shape, [4, 2]);
    assert.deepEqual(Array.from(kernel), Array.from(stateAt(25).vectors[vector]!.slice(offset, offset + 8)));
    assert.match(
      inspect(run),
      /^Run .*: done, step 25 of 30, loss [\d.]+\n {2}checkpoint of step 25: \d variables\n {2}in /,
    );
  });

  it('may have no checkpoint yet', async () => {
    const recorder = record();
    recorder.end('stopped');
    await recorder.close();
    const run = runs.load(path.basename(recorder.folder));
    assert.deepEqual([run.checkpoint, run.metrics.step.length], [undefined, 0]);
    assert.match(inspect(run), /stopped, step 0 of 30, loss –\n {2}no checkpoint yet/);
  });

  it('are compared by what differs', async () => {
    const [a, b] = [
      await keep(30),
      await keep(60, { optimizer: 'sgd(0.1)', seed: 4, steps: 60, epochs: 20 }),
    ];
    const compared = runs.compare([a.id, b.id]);
    assert.deepEqual(
      compared.map(({ id, settings, step }) => [id, settings, step]),
      [
        [a.id, { optimizer: 'adam(0.001)', seed: '3', epochs: '10' }, 30],
        [b.id, { optimizer: 'sgd(0.1)', seed: '4', epochs: '20' }, 60],
      ],
    );
    const mean = (from: number, to: number): number => {
      let sum = 0;
      for (let step = from; step <= to; step++) sum += 1 / step;
      return sum / 20;
    };
    compared.forEach(({ loss, best, stepsPerSecond }, i) => {
      assert.ok(Math.abs(loss - mean(30 * i + 11, 30 * i + 30)) < 1e-12);
      assert.equal(best, loss); // it falls from step to step
      assert.ok(stepsPerSecond > 0);
    });
    const lines = inspect(compared).split('\n');
    assert.match(lines[0]!, /^id +optimizer +seed +epochs +steps +loss +best +steps\/s$/);
    assert.match(lines[2]!, /sgd\(0\.1\) +4 +20 +60 +0\.\d+/);
    assert.deepEqual(runs.compare([a.id])[0]!.settings, {});
    refuses(() => runs.compare([a.id, 'x']), 'E_RUN', /there is no run 'x'/);
  });

  it('know their best loss, though it was not the last', async () => {
    const of = config();
    const recorder = record(of);
    const nll = Array.from({ length: 100 }, (_, i) => (i >= 40 && i < 60 ? 1 : 5));
    recorder.metrics(1, nll, new Array<number>(100).fill(0));
    recorder.end('done');
    await recorder.close();
    const [run] = runs.compare([of.id]);
    assert.deepEqual([run!.best, run!.loss], [1, 5]);
  });

  it('are deleted, and nothing else is', async () => {
    const [a, b] = [await keep(1), await keep(2)];
    const outside = path.join(folder(), 'outside');
    mkdirSync(outside);
    writeFileSync(path.join(outside, 'precious'), '');
    symlinkSync(outside, path.join(runFolder(a.id), 'link'));
    symlinkSync(outside, runFolder('2026-01-01-000000-0000'));
    for (const id of ['..', '.', '', '/', `../${path.basename(folder())}/${a.id}`, 'outside', '2026-01-01']) {
      refuses(() => runs.remove(id), 'E_RUN', /there is no run/);
    }
    runs.remove(a.id);
    assert.ok(!existsSync(runFolder(a.id)) && existsSync(runFolder(b.id)));
    assert.deepEqual(readdirSync(outside), ['precious']);
    refuses(() => runs.remove(a.id), 'E_RUN', new RegExp(`no run '${a.id}' in .*Did you mean '${b.id}'\\?`));
  });

  it('are not deleted while they run', async () => {
    const recorder = record();
    await recorder.close();
    const id = path.basename(recorder.folder);
    refuses(() => runs.remove(id), 'E_RUN', /is running: stop it before you delete it/);
    recorder.end('stopped');
    await recorder.close();
    runs.remove(id);
    assert.deepEqual(runs.list().length, 0);
  });
});
