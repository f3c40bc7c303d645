import assert from 'node:assert/strict';
import { once } from 'node:events';
import { likelihoods } from '../../lib/distributions';
import { fit } from '../../lib/fit';
import { vi } from '../../lib/inference/vi';
import { dense } from '../../lib/layers';
import { closePool, workerPool } from '../../lib/parallel/pool';
import { ENDLESS } from '../problems';
import { steps } from '../wait';

/** The smallest model: every new thread compiles it. */
const start = (devices: number, epochs: number) =>
  fit(
    dense({ units: 1, bias: false }),
    { x: [0, 1, 2, 3], y: [0, 1, 2, 3] },
    { likelihood: likelihoods.gaussian({ noise: 1 }), method: vi({ samples: 2 }), devices, epochs },
  );

describe('runs: a run whose worker thread dies', () => {
  for (const [devices, victim] of [
    [1, 0],
    [2, 0],
    [2, 1],
  ] as const) {
    it(`(thread ${victim} of ${devices}) fails with E_WORKER, keeps nobody waiting, and leaves the pool whole`, async () => {
      await closePool(); // so that there is no thread but those of the run
      const run = start(devices, ENDLESS);
      await steps(run, 50);
      assert.equal(workerPool().threads.length, devices);
      const thread = workerPool().threads[victim]!;
      const snapshot = run.snapshot();
      await Promise.all([once(thread, 'exit'), thread.terminate()]);
      await assert.rejects(run.done, {
        name: 'CredenceError',
        code: 'E_WORKER',
        message: /a worker thread died/,
      });
      assert.deepEqual([run.state, run.error?.code], ['failed', 'E_WORKER']);
      for (const { variables } of [await snapshot, run.posterior]) {
        assert.ok([...variables.values()].every((values) => values.every(Number.isFinite)));
      }
      const next = start(devices, 2);
      await next.done;
      assert.equal(next.step, 2);
    });
  }
});
