import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { applyPatch } from '../../lib/figures/wire/patch';
import {
  COMM_TARGET,
  MIME_TYPE,
  type News,
  parseNews,
  parseView,
  type View,
} from '../../lib/figures/wire/messages';
import { liveSymbol, type MimeBundle } from '../../lib/host';
import { type FrontEnd, play, TestHost } from '../host';
import { ENDLESS, fitClouds } from '../problems';
import { steps, until } from '../wait';

type RunView = View & { kind: 'run' };

/** A view in the page: keeps the state that the messages make. */
class Page {
  view: RunView | undefined;
  sequence = -1;

  constructor(
    readonly front: FrontEnd,
    readonly run: string,
  ) {}

  follow(have: number | null = null): void {
    this.front.send({ type: 'follow', run: this.run, have });
  }

  /** Reads what has come, and checks that it fits. */
  read(): News[] {
    const all = this.front.received.splice(0).map((data) => {
      const parsed = parseNews(JSON.parse(JSON.stringify(data)));
      assert.ok(parsed.ok, parsed.ok ? '' : parsed.reason);
      return parsed.value;
    });
    for (const news of all) {
      if (news.type !== 'snapshot' && news.type !== 'change') continue;
      if (news.type === 'change') assert.equal(news.sequence, this.sequence + 1);
      const next = news.type === 'snapshot' ? parseView(news.view) : applyPatch(this.view!, news.patch);
      assert.ok(next.ok && next.value.kind === 'run');
      [this.view, this.sequence] = [next.value, news.sequence];
    }
    return all;
  }
}

describe('show: following a run over the comm', () => {
  const host = new TestHost();
  let leave: () => void;
  before(() => {
    leave = play(host);
  });
  after(() => leave());

  const start = () => fitClouds({ epochs: ENDLESS });
  const open = (run: string): Page => new Page(host.open(COMM_TARGET), run);

  it('sends a view and then its changes, at most five a second, the last state too', async () => {
    const run = start();
    const page = open(run.id);
    page.follow();
    assert.deepEqual(
      page.read().map(({ type }) => type),
      ['snapshot'],
    );
    await steps(run, 1);
    const from = performance.now();
    page.read();
    const changes: News[] = [];
    // more figures: what the posterior says is looked at for who follows
    await until(() => changes.push(...page.read()) >= 5 && page.view!.figures.length > 1);
    const most = 1 + Math.ceil((performance.now() - from) / 200);
    assert.ok(changes.length <= most, `${changes.length} of at most ${most}`);
    assert.ok(changes.every(({ type }) => type === 'change'));
    run.stop();
    await run.done;
    page.read();
    assert.deepEqual([page.view!.progress.state, page.view!.progress.step], ['stopped', run.step]);
    await sleep(400);
    assert.deepEqual(page.read(), []);
  });

  it('shows a second page the same, and no more to one that has left, closed or does not read', async () => {
    const run = start();
    const [first, second, third, deaf] = [open(run.id), open(run.id), open(run.id), open(run.id)];
    first.follow();
    await steps(run, 1);
    for (const page of [second, third, deaf]) page.follow();
    await until(() => first.read() && second.read() && first.view!.figures.length > 1);
    assert.equal(first.sequence, second.sequence);
    assert.deepEqual(first.view, second.view);
    second.front.send({ type: 'leave', run: run.id });
    third.front.close();
    second.read();
    third.read();
    const enough = first.sequence + 40;
    await until(() => {
      first.read();
      first.follow(first.sequence);
      return first.sequence > enough;
    });
    assert.deepEqual([second.read(), third.read()], [[], []]);
    assert.ok(deaf.front.received.length < 36, `${deaf.front.received.length} messages`);
    deaf.read();
    deaf.follow(deaf.sequence); // it has woken up
    assert.equal(deaf.read()[0]?.type, 'snapshot');
    run.stop();
    await run.done;
  }).timeout(60_000);

  it('sends the whole view again where a page lost the thread', async () => {
    const run = start();
    const page = open(run.id);
    page.follow();
    await steps(run, 1);
    page.follow();
    const types = page.read().map(({ type }) => type);
    assert.equal(types.at(-1), 'snapshot');
    run.stop();
    await run.done;
  });

  it('redraws the display seldom while somebody follows: at a pause and at the end', async () => {
    const run = start();
    const page = open(run.id);
    page.follow();
    const states: string[] = [];
    const redraw = (bundle: MimeBundle): void => {
      states.push((bundle[MIME_TYPE] as RunView).progress.state);
    };
    run[liveSymbol](redraw);
    await steps(run, 1);
    await sleep(1500);
    const before = states.length;
    assert.ok(before <= 1, `${before} redraws`);
    run.pause();
    await until(() => states.length > before);
    assert.equal(states.at(-1), 'paused');
    run.stop();
    await run.done;
    assert.equal(states.at(-1), 'stopped');
    assert.ok(states.length <= before + 3);
  });

  it('tells the last state of a run that has ended since, and what became of one that it does not know', async () => {
    const run = fitClouds({ epochs: 2 });
    await run.done;
    const late = open(run.id);
    late.follow();
    late.read();
    assert.equal(late.view!.progress.state, 'done');
    const lost = open('2020-01-01-000000-abcd');
    lost.follow();
    const [gone] = lost.read();
    assert.ok(gone?.type === 'gone');
    assert.deepEqual(
      [gone.state, gone.message],
      ['interrupted', 'Its kernel is gone, and it was not kept on disk.'],
    );
  });
});
