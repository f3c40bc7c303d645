import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { backend } from '../../../lib/engine/tfjs/backend';
import { keepingOf, scheduled, type StepSchedule } from '../../../lib/inference/langevin/stepSchedule';
import { assertClose } from '../../golden';
import { refuses } from '../../refuses';

describe('inference: how the step size of a sampler changes', () => {
  before(() => backend());

  const values = (schedule: StepSchedule, kind: 'size' | 'noise', steps: number[], of = 40): number[] => {
    const { [kind]: at } = scheduled(schedule, of);
    return steps.map((step) => at(tf.scalar(step)).dataSync()[0]!);
  };

  it('not at all', () => {
    assert.deepEqual(values('constant', 'size', [1, 40]), [1, 1]);
    assert.deepEqual(values('constant', 'noise', [1, 40]), [1, 1]);
  });

  it('by a power of the steps done', () => {
    const want = [1, 2 ** -0.75, 4 ** -0.75];
    assertClose(values({ power: 0.75, after: 8 }, 'size', [1, 9, 25]), want, 1e-6);
  });

  it('in cosine cycles that start anew, with noise in the second part of each: eq. 1 of Zhang et al.', () => {
    const schedule = { cycles: 4, explore: 0.3 };
    const want = Array.from({ length: 10 }, (_, k) => (Math.cos((Math.PI * k) / 10) + 1) / 2);
    const steps = Array.from({ length: 20 }, (_, k) => k + 1);
    assertClose(values(schedule, 'size', steps), [...want, ...want], 1e-6);
    const noise = [0, 0, 0, 1, 1, 1, 1, 1, 1, 1];
    assert.deepEqual(values(schedule, 'noise', steps), [...noise, ...noise]);
  });

  it('keeps draws evenly after the burn-in, the last at the end; or one at the end of each cycle', () => {
    const given = { burnIn: 0.5, keep: 4 };
    assert.deepEqual(keepingOf('sgld', 'constant', given, 103), { from: 64, every: 13, count: 4 });
    assert.deepEqual(keepingOf('sgld', { cycles: 5 }, given, 100), { from: 20, every: 20, count: 5 });
    assert.deepEqual(keepingOf('sgld', 'constant', { burnIn: 0, keep: 1 }, 1), {
      from: 1,
      every: 1,
      count: 1,
    });
    refuses(() => keepingOf('sgld', 'constant', given, 6), 'E_OPTION', /sgld: 4 draws .* last 3 of 6 steps/);
  });
});
