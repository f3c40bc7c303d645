import assert from 'node:assert/strict';
import { callOn, distance } from '../backends';
import type { Failures, Learned, Steered } from './eagerRuns';

const file = 'parallel/eagerRuns';

/** Rounding differs, and 50 steps of Adam add to it. */
const TOLERANCE = 1e-3;

describe('parallel: training on this thread, without TensorFlow', () => {
  for (const [problem, isGood] of [
    ['classification', (accuracy: number) => accuracy > 0.95],
    ['regression', (rmse: number) => rmse < 0.5],
    ['images', (accuracy: number) => accuracy > 0.95],
  ] as const) {
    it(`learns what TensorFlow learns: ${problem}`, async () => {
      const truth = await callOn<Learned>('tensorflow', file, problem);
      assert.equal(truth.state, 'done');
      assert.ok(isGood(truth.score), `${truth.score}`);
      for (const backend of ['wasm', 'cpu'] as const) {
        const learned = await callOn<Learned>(backend, file, problem);
        assert.deepEqual([learned.state, learned.steps, learned.workers], ['done', 50, 1]);
        assert.equal(truth.steps, 50);
        assert.equal(learned.tensors, 0);
        for (const what of ['nll', 'kl', 'variables', 'predictions'] as const) {
          const far = distance(truth[what], learned[what]);
          assert.ok(far < TOLERANCE, `${what}: ${far} on ${backend}`);
        }
        assert.ok(Math.abs(learned.score - truth.score) < TOLERANCE, `${learned.score}, ${truth.score}`);
      }
    });
  }

  it('pauses, resumes, stops and gives a snapshot, and leaves time for timers', async () => {
    const steered = await callOn<Steered>('wasm', file, 'steering');
    assert.ok(steered.ticks > 3, `${steered.ticks} ticks`);
    assert.ok(steered.snapshotAccuracy > 0.9);
    assert.equal(steered.stepsWhilePaused, 0);
    assert.ok(steered.stepsAfterResume >= 10);
    assert.equal(steered.end, 'stopped');
    assert.equal(steered.losses, steered.steps);
  });

  it('fails like training on TensorFlow', async () => {
    const truth = await callOn<Failures>('tensorflow', file, 'failures');
    const { code, message, steps, finite, thrown } = await callOn<Failures>('wasm', file, 'failures');
    assert.equal(code, 'E_DIVERGED');
    assert.match(message, /training diverged: at step \d+ .*smaller learning rate/);
    assert.equal(steps, truth.steps);
    assert.ok(finite && truth.finite);
    assert.deepEqual([thrown, truth.thrown], ['this layer is broken', 'this layer is broken']);
  });
});
