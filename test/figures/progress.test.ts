import assert from 'node:assert/strict';
import { compact, readable } from '../../lib/figures/numbers';
import { doneShare, duration, facts, metric, progressLine } from '../../lib/figures/wire/progress';
import { progress } from './examples';

describe('progress in words', () => {
  it('tells durations', () => {
    assert.deepEqual([0.04, 6.25, 59.6, 80, 120, 7500, -1].map(duration), [
      '0.0 s',
      '6.3 s',
      '1 min',
      '1 min 20 s',
      '2 min',
      '2 h 5 min',
      '0.0 s',
    ]);
  });

  it('tells the time left only while there is some', () => {
    assert.ok(facts(progress).includes('9.8 s left'));
    assert.ok(!facts({ ...progress, state: 'done' }).some((fact) => fact.includes('left')));
    assert.ok(!facts({ ...progress, eta: null }).some((fact) => fact.includes('left')));
  });

  it('uses the singular for one', () => {
    assert.ok(
      facts({ ...progress, workers: 1, samples: 1 })
        .join()
        .endsWith('1 worker,1 weight sample'),
    );
  });

  it('is one line, with the message at its end', () => {
    assert.equal(
      progressLine({ ...progress, state: 'failed', metrics: { loss: null }, message: 'the loss is NaN' }),
      'Failed: step 412 / 960, epoch 13 / 30, 55.7 steps/s, 7.4 s elapsed, 2 workers, 8 weight samples; ' +
        'loss –; the loss is NaN.',
    );
  });

  it('knows the share that is done', () => {
    assert.equal(doneShare({ ...progress, step: 5, steps: 20 }), 0.25);
    assert.equal(doneShare({ ...progress, step: 0, steps: 0 }), 0);
  });
});

describe('numbers', () => {
  it('are readable', () => {
    assert.deepEqual(
      [0, 0.5, 1 / 3, 12.345, 1234.5, 2_500_000, 1e-9, -0.02, NaN].map((value) => readable(value)),
      ['0', '0.5', '0.333', '12.3', '1235', '2.5e6', '1e-9', '-0.02', '–'],
    );
    assert.equal(metric(0.98765), '0.9877');
  });

  it('are compact on the wire, and whole ones exact', () => {
    assert.deepEqual([Math.PI, 1_529_452_800_000, NaN, -Infinity].map(compact), [
      3.14159,
      1_529_452_800_000,
      null,
      null,
    ]);
  });
});
