import assert from 'node:assert/strict';
import { COMM_TARGET, type Control, parseNews } from '../../lib/figures/wire/messages';
import type { Run } from '../../lib/runs/run';
import { play, TestHost } from '../host';
import { ENDLESS, fitClouds } from '../problems';
import { settled, steps } from '../wait';

const start = () => fitClouds({ epochs: ENDLESS });

const ask = (run: Run | string, action: Control['action']): Control => ({
  type: 'control',
  run: typeof run === 'string' ? run : run.id,
  action,
});

describe('show: the buttons of the front end', () => {
  const host = new TestHost();
  let leave: () => void;
  before(() => {
    leave = play(host);
  });
  after(() => leave());

  it('pause, resume and stop the run that they name', async () => {
    const [run, other] = [start(), start()];
    const front = host.open(COMM_TARGET);
    front.send(ask(run, 'pause'));
    assert.deepEqual([run.state, other.state], ['paused', 'starting']);
    front.send(ask(run, 'resume'));
    assert.equal(run.state, 'starting');
    front.send(ask(run, 'stop'));
    assert.equal(run.state, 'stopping');
    other.stop();
    await Promise.all([run.done, other.done]);
    assert.deepEqual(
      front.received,
      new Array(3).fill({ type: 'reply', run: run.id, ok: true, message: null }),
    );
    assert.ok(front.received.every((reply) => parseNews(reply).ok));
  });

  it('finish a run with the present epoch, whether it is at work or paused', async () => {
    for (const devices of [1, 2]) {
      const run = fitClouds({ epochs: ENDLESS, batchSize: 10, devices }); // six steps in an epoch
      const front = host.open(COMM_TARGET);
      await steps(run, 5);
      if (devices === 2) {
        run.pause();
        await settled(() => run.step);
      }
      const { step } = run;
      front.send(ask(run, 'finish'));
      assert.equal(run.notice, 'ends after this epoch');
      if (devices === 2) {
        run.pause(); // it is not forgotten by a pause
        run.resume();
      }
      await run.done;
      assert.equal(run.state, 'stopped');
      assert.equal(run.step % run.plan.stepsPerEpoch, 0);
      if (devices === 2) assert.ok(run.step - step <= run.plan.stepsPerEpoch, `${step} to ${run.step}`);
    }
  });

  it('are told where the kernel does not know the run', () => {
    const front = host.open(COMM_TARGET);
    front.send(ask('run-1-1', 'stop'));
    const [reply] = front.received.map(parseNews);
    assert.ok(reply?.ok && reply.value.type === 'reply' && !reply.value.ok);
    assert.match(reply.value.message!, /does not know the run/);
  });

  it('cannot harm: messages of another form are passed over', () => {
    const front = host.open(COMM_TARGET);
    for (const message of [
      undefined,
      null,
      3,
      'stop',
      {},
      { type: 'control' },
      { ...ask('x', 'stop'), action: 'constructor' },
    ]) {
      front.send(message);
    }
    assert.deepEqual(front.received, []);
  });
});

describe('show: an interrupt of the notebook', () => {
  it('stops the runs that are active, and no listener is left when they have ended', async () => {
    const host = new TestHost();
    const leave = play(host);
    const runs = [start(), start()];
    assert.equal(host.listeners, 2);
    host.interrupt();
    assert.deepEqual(
      runs.map(({ state }) => state),
      ['stopping', 'stopping'],
    );
    await Promise.all(runs.map(({ done }) => done));
    assert.deepEqual(
      runs.map(({ state }) => state),
      ['stopped', 'stopped'],
    );
    assert.equal(host.listeners, 0);
    leave();
  });
});
