import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { adam, data, fit, layers, likelihoods, runs, sequential, vi } from '../../lib';
import {
  parseRunsMessage,
  RUNS_TARGET,
  type RunsAnswer,
  type RunsList,
} from '../../lib/figures/wire/runsWire';
import { parseView } from '../../lib/figures/wire/messages';
import { resume } from '../../lib/resume';
import { lastRun } from '../../lib/runs/registry';
import { runsRoot } from '../../lib/runs/runFolder';
import { listenForRunsPanels } from '../../lib/show/runsPanel';
import { type FrontEnd, play, TestHost } from '../host';
import { until } from '../wait';

const wave = data.wave({ points: 40, noise: 0.1, seed: 1 });
const model = sequential([layers.dense({ units: 4 }), layers.dense({ units: 1 })]);
const start = (epochs: number, rate = 1e-2) =>
  fit(model, wave.train, {
    method: vi({ samples: 4 }),
    likelihood: likelihoods.gaussian(),
    optimizer: adam(rate),
    epochs,
    batchSize: 40,
    devices: 1,
  });

describe('the list of runs, over a comm', () => {
  const host = new TestHost();
  let leave: () => void;
  let panel: FrontEnd;
  let asked = 0;

  before(() => {
    rmSync(runsRoot(), { recursive: true, force: true });
    leave = play(host);
    listenForRunsPanels(resume);
    panel = host.open(RUNS_TARGET);
  });
  after(async () => {
    const last = lastRun();
    last.stop();
    await last.done;
    panel.close();
    leave();
  });

  /** What the kernel has said, each message checked against the wire. */
  const heard = (): (RunsList | RunsAnswer)[] =>
    panel.received.map((message) => {
      const parsed = parseRunsMessage(JSON.parse(JSON.stringify(message)));
      assert.ok(parsed.ok, parsed.ok ? '' : parsed.reason);
      return parsed.value;
    });
  const lists = (): RunsList[] => heard().filter((message) => message.type === 'list');
  const lastList = (): RunsList => lists().at(-1)!;
  const ask = (question: object): RunsAnswer => {
    panel.send({ ...question, question: ++asked });
    return heard().find((message) => message.type !== 'list' && message.question === asked) as RunsAnswer;
  };

  it('says where runs are kept when there are none', () => {
    panel.send({ type: 'watch', every: 1000, limit: 2 });
    assert.deepEqual(lastList(), {
      type: 'list',
      wire: 1,
      runs: [],
      total: 0,
      folder: runsRoot(),
      trouble: null,
    });
  });

  it('lists the newest runs, says how many there are, and nothing while nothing changes', async () => {
    for (const rate of [1e-1, 1e-2, 1e-3]) await start(20, rate).done;
    panel.send({ type: 'watch', every: 1000, limit: 2 });
    const { runs: listed, total } = lastList();
    assert.equal(total, 3);
    assert.deepEqual(
      listed.map(({ id }) => id),
      runs
        .list()
        .slice(0, 2)
        .map(({ id }) => id),
    );
    const { state, live, step, steps, samples, workers, loss } = listed[0]!;
    assert.deepEqual([state, live, step, steps, samples, workers], ['done', false, 20, 20, 4, 1]);
    assert.ok(Math.abs(loss! - runs.list()[0]!.loss) < 1e-4);
    const before = panel.received.length;
    await sleep(1300);
    assert.equal(panel.received.length, before);
  });

  it('follows a run that trains, at most as often as was asked, until nobody looks', async () => {
    const run = start(10_000_000);
    await until(() => run.step >= 10);
    const [before, from] = [lists().length, performance.now()];
    await until(() => lists().length >= before + 3);
    const milliseconds = performance.now() - from;
    assert.ok(milliseconds > 1900, `3 lists in ${milliseconds} ms`);
    const [first] = lastList().runs;
    assert.equal(first!.id, run.id);
    assert.ok(first!.live && first!.step > 10);
    const answer = ask({ type: 'open', run: run.id });
    assert.ok(answer.type === 'view');
    const view = parseView(answer.view);
    assert.ok(view.ok && view.value.kind === 'run' && view.value.progress.state === 'running');
    assert.match((ask({ type: 'remove', run: run.id }) as { message: string }).message, /stop it before/);
    const other = host.open(RUNS_TARGET);
    other.send({ type: 'watch', every: 1000, limit: 1 });
    other.close();
    const told = other.received.length;
    await sleep(1300);
    assert.equal(other.received.length, told);
    run.stop();
    await run.done;
  });

  it('goes on at once with the run that this process knows, and tells the code for another', () => {
    const [last, before] = runs.list();
    const answer = ask({ type: 'resume', run: last!.id });
    assert.deepEqual(answer, { type: 'resumed', question: asked, run: last!.id });
    const again = lastList().runs[0]!;
    assert.ok(again.id === last!.id && again.live);
    const code = ask({ type: 'resume', run: before!.id });
    assert.ok(code.type === 'code' && code.code.includes(`resume('${before!.id}', model, data, options)`));
  });

  it('shows a run on disk with its losses, and several side by side', () => {
    const [, second, third] = runs.list();
    const one = ask({ type: 'open', run: second!.id });
    assert.ok(one.type === 'view');
    const view = parseView(one.view);
    assert.ok(view.ok && view.value.figures.length === 1);
    const both = ask({ type: 'compare', runs: [second!.id, third!.id] });
    assert.ok(both.type === 'comparison');
    assert.deepEqual(both.table.heading, ['run', 'optimizer', 'steps', 'loss', 'lowest loss', 'steps/s']);
    assert.deepEqual(
      both.table.rows.map((row) => row.slice(0, 2)),
      [
        [second!.id, 'adam(0.001)'],
        [third!.id, 'adam(0.01)'],
      ],
    );
    assert.ok(parseView(both.view).ok);
  });

  it('deletes what is over, and refuses what is not there', () => {
    const oldest = runs.list().at(-1)!;
    assert.equal(ask({ type: 'remove', run: oldest.id }).type, 'removed');
    assert.equal(lastList().total, 3);
    assert.equal(ask({ type: 'open', run: oldest.id }).type, 'refused');
  });

  it('passes over what is no request, and names a wrong version', () => {
    const before = panel.received.length;
    for (const nonsense of [null, {}, { type: 'watch', every: 1, limit: 1 }, { type: 'remove', run: 1 }])
      panel.send(nonsense);
    assert.equal(panel.received.length, before);
    const parsed = parseRunsMessage({ ...lastList(), wire: 2 });
    assert.ok(
      !parsed.ok && parsed.reason.includes('version 2, this extension version 1: install matching versions'),
    );
  });
});
