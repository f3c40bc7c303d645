import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { fit } from '../../lib/fit';
import type { EstimatorName } from '../../lib/inference/estimators';
import { vi } from '../../lib/inference/vi';
import { dense } from '../../lib/layers';
import { sequential } from '../../lib/layers/sequential';
import type { StepShapes } from '../../lib/parallel/plan';
import { workerPool } from '../../lib/parallel/pool';
import { chooseWorkers } from '../../lib/parallel/workers';
import { adam } from '../../lib/optimizers';
import { clouds, curves, fitClouds, options } from '../problems';

/** Of 3 steps each. */
const EPOCHS = 17;
/** Of the largest parameter: what the order of a sum in single precision makes of it in 51 steps. */
const TOLERANCE = 1e-5;

type Variables = ReadonlyMap<string, Float32Array>;

async function train(
  name: 'clouds' | 'curves',
  samples: number,
  workers: number,
  estimator: EstimatorName = 'local',
): Promise<Variables> {
  const settings = {
    ...options({ samples, estimator }),
    optimizer: adam(1e-2),
    devices: workers,
    epochs: EPOCHS,
  };
  const run =
    name === 'clouds'
      ? fitClouds(settings)
      : fit(curves.model, curves.train, { ...settings, likelihood: curves.likelihood });
  const { variables } = await run.done;
  assert.equal(run.plan.workers, workers);
  assert.equal(run.step, 3 * EPOCHS);
  return variables;
}

function assertSame(got: Variables, want: Variables, tolerance: number): void {
  assert.deepEqual([...got.keys()], [...want.keys()]);
  for (const [name, values] of want) {
    const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    values.forEach((value, i) => {
      const difference = Math.abs(got.get(name)![i]! - value);
      assert.ok(difference <= tolerance * largest, `${name}[${i}]: off by ${difference} of ${largest}`);
    });
  }
}

describe('parallel: workers', () => {
  for (const name of ['clouds', 'curves'] as const) {
    for (const estimator of ['local', 'weights'] as const) {
      it(`1, 2 and 3 learn the same of ${name} with '${estimator}', to ${TOLERANCE} of the largest parameter`, async () => {
        const alone = await train(name, 6, 1, estimator);
        for (const workers of [2, 3]) assertSame(await train(name, 6, workers, estimator), alone, TOLERANCE);
      });
    }
  }

  it('share out samples that do not divide by their number: 5 over 2, 7 over 3', async () => {
    assertSame(await train('curves', 5, 2), await train('curves', 5, 1), TOLERANCE);
    assertSame(await train('clouds', 7, 3), await train('clouds', 7, 1), TOLERANCE);
  });

  it('learn the same bits with the same seed, as often as one likes', async () => {
    const first = await train('clouds', 6, 2);
    for (let i = 0; i < 3; i++) assertSame(await train('clouds', 6, 2), first, 0);
  });

  it('are threads of one pool that are used again', async () => {
    await train('clouds', 6, 3);
    const threads = workerPool().threads.map(({ threadId }) => threadId);
    await train('curves', 6, 2);
    await train('clouds', 6, 3);
    assert.deepEqual(
      workerPool().threads.map(({ threadId }) => threadId),
      threads,
    );
  });

  it('are all cores there are, but one where the model is small', () => {
    const choose = (units: number): number => {
      const model = sequential([dense({ units }), dense({ units: 2 })]);
      const problem = { model, likelihood: clouds.likelihood, optimizer: adam(), size: 60 };
      const program = vi({ samples: 2 }).build({ ...problem, inputShape: [2], targetShape: [] });
      const shapes: StepShapes = { x: [60, 2], y: [60], yType: 'int32', batch: 20 };
      return chooseWorkers('all', program, shapes).workers;
    };
    assert.equal(choose(4), 1);
    assert.equal(choose(1e5), Math.min(2, availableParallelism())); // not more than samples
  });

  it('cannot be more than samples', () => {
    assert.throws(() => fitClouds({ devices: 7 }), {
      name: 'CredenceError',
      code: 'E_OPTION',
      message:
        'fit: 7 workers cannot share 6 samples: use at most 6 devices, or draw more samples, as in vi({ samples: 7 })',
    });
  });
});
