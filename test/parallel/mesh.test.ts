import assert from 'node:assert/strict';
import type { ObjectiveName } from '../../lib/objectives';
import { fit, type FitOptions } from '../../lib/fit';
import type { EstimatorName } from '../../lib/inference/families/estimators';
import { vi } from '../../lib/inference/vi';
import { likelihoods } from '../../lib/distributions';
import { dense } from '../../lib/layers';
import { sequential } from '../../lib/layers/sequential';
import { adam } from '../../lib/optimizers';
import { candidates, deviceCount, meshesFor, type Strategy } from '../../lib/parallel/chooseMesh';
import { type Mesh, workersOf } from '../../lib/parallel/plan/mesh';
import type { StepShapes } from '../../lib/parallel/plan/stepShapes';
import { workerPool } from '../../lib/parallel/worker/pool';
import { clouds, curves, fitClouds, options } from '../problems';
import { deviation, type Variables } from '../variables';

/** Of 3 steps each: 102 steps. */
const EPOCHS = 34;
/** Of the largest parameter: what the order of a sum in single precision makes of it in 102 steps. */
const TOLERANCE = 1e-5;

interface Setting {
  problem: 'clouds' | 'curves';
  samples?: number;
  estimator?: EstimatorName;
  objective?: ObjectiveName;
}

async function train(
  { problem, samples = 6, estimator = 'weights', objective = 'elbo' }: Setting,
  given: Partial<FitOptions<'classification' & 'regression'>>,
): Promise<Variables> {
  const settings = {
    ...options({ samples, estimator, objective }),
    optimizer: adam(1e-2),
    devices: 'all' as const,
    epochs: EPOCHS,
    ...given,
  };
  const likelihood = objective === 'elbo' ? curves.likelihood : likelihoods.gaussian({ noise: 'fitted' });
  const run =
    problem === 'clouds' ? fitClouds(settings) : fit(curves.model, curves.train, { ...settings, likelihood });
  const { variables } = await run.done;
  assert.equal(run.step, 3 * EPOCHS);
  return variables;
}

const on = (sample: number, data: number): { strategy: Mesh } => ({ strategy: { sample, data } });
const alone = on(1, 1);
const title = ({ strategy: { sample, data } }: { strategy: Mesh }): string =>
  `${sample * data} worker${sample * data > 1 ? 's' : ''} (${sample} x ${data})`;

describe('parallel: a mesh of workers', () => {
  const meshes = [on(2, 1), on(1, 2), on(3, 1), on(1, 3), on(2, 2), on(1, 4), on(3, 2), on(2, 3)];
  for (const objective of ['elbo', 'predictive'] as const) {
    for (const problem of ['clouds', 'curves'] as const) {
      it(`learns the same of ${problem} (${objective}) on any mesh of up to 6, to ${TOLERANCE} of the largest parameter`, async () => {
        const want = await train({ problem, objective }, alone);
        for (const mesh of meshes) {
          const off = deviation(await train({ problem, objective }, mesh), want);
          assert.ok(off <= TOLERANCE, `${title(mesh)}: off by ${off}`);
        }
      });
    }
  }

  for (const estimator of ['local', 'flipout'] as const) {
    it(`learns the same with '${estimator}', whose noise is that of a datum`, async () => {
      const setting: Setting = { problem: 'curves', estimator };
      const want = await train(setting, alone);
      for (const mesh of [on(2, 1), on(1, 2), on(1, 3), on(2, 2)]) {
        const off = deviation(await train(setting, mesh), want);
        assert.ok(off <= TOLERANCE, `${title(mesh)}: off by ${off}`);
      }
    });
  }

  it("deviates with the paper's approximation, which joins the samples of each worker alone", async () => {
    const setting: Setting = { problem: 'clouds', objective: 'predictivePerWorker' };
    const exact = await train({ ...setting, objective: 'predictive' }, alone);
    assert.equal(deviation(await train(setting, alone), exact), 0);
    assert.ok(deviation(await train(setting, on(1, 2)), exact) <= TOLERANCE); // the data may be split
    const [two, three] = [await train(setting, on(2, 1)), await train(setting, on(3, 1))];
    assert.ok(deviation(two, exact) > 1e-3);
    assert.ok(deviation(three, exact) > deviation(two, exact));
  });

  it('shares out samples and data that do not divide by its size', async () => {
    const setting: Setting = { problem: 'clouds', samples: 7 };
    const want = await train(setting, alone);
    for (const mesh of [on(3, 1), on(1, 3), on(2, 3)]) {
      const off = deviation(await train(setting, mesh), want);
      assert.ok(off <= TOLERANCE, `${title(mesh)}: off by ${off}`);
    }
  });

  it('may compute few samples at a time, alone and together', async () => {
    for (const objective of ['elbo', 'predictive'] as const) {
      const setting: Setting = { problem: 'clouds', objective };
      const want = await train(setting, alone);
      for (const given of [
        { ...alone, samplesPerCall: 1 },
        { ...alone, samplesPerCall: 4 },
        { ...on(2, 1), samplesPerCall: 2 },
      ]) {
        const off = deviation(await train(setting, given), want);
        assert.ok(off <= TOLERANCE, `${title(given)}, ${given.samplesPerCall} a call: off by ${off}`);
      }
    }
  });

  it('may exchange gradients as bfloat16, which has 8 significant bits', async () => {
    const setting: Setting = { problem: 'clouds' };
    const want = await train(setting, alone);
    const off = deviation(await train(setting, { ...on(2, 1), exchange: 'bfloat16' }), want);
    assert.ok(off > TOLERANCE && off < 0.02, `off by ${off}`);
  });

  it('learns the same bits with the same seed, as often as one likes', async () => {
    const setting: Setting = { problem: 'clouds' };
    const first = await train(setting, on(2, 2));
    for (let i = 0; i < 3; i++) assert.equal(deviation(await train(setting, on(2, 2)), first), 0);
  });

  it('is made of threads of one pool that are used again', async () => {
    await train({ problem: 'clouds' }, on(3, 1));
    const threads = workerPool().threads.map(({ threadId }) => threadId);
    await train({ problem: 'curves' }, on(1, 2));
    await train({ problem: 'clouds' }, on(3, 1));
    assert.deepEqual(
      workerPool().threads.map(({ threadId }) => threadId),
      threads,
    );
  });

  it("of 'auto' is measured, and says so", async () => {
    const run = fitClouds({ devices: 2, strategy: 'auto', epochs: 5 });
    assert.equal(run.workers, 0);
    const auto = await run.done;
    assert.deepEqual(
      run.measured.map(({ mesh }) => mesh),
      [
        { sample: 2, data: 1 },
        { sample: 1, data: 2 },
        { sample: 1, data: 1 },
      ],
    );
    assert.ok(run.measured.every(({ secondsPerStep }) => secondsPerStep > 0));
    assert.equal(run.workers, workersOf(run.plan.mesh!));
    assert.match(
      run.notice!,
      /is the fastest of what was measured \(a step: sample 2 .* ms, data 2 .* ms, one worker .* ms\)/,
    );
    const fixed = fitClouds({ strategy: run.plan.mesh!, devices: 'all', epochs: 5 });
    assert.equal(deviation(auto.variables, (await fixed.done).variables), 0);
  });

  it("of 'auto' can be stopped while it is measured", async () => {
    const run = fitClouds({ devices: 2, strategy: 'auto', epochs: 1e6 });
    run.stop();
    await run.done;
    assert.equal(run.state, 'stopped');
    assert.equal(run.step, 1);
  });
});

describe('parallel: which mesh', () => {
  const shapes: StepShapes = { x: [60, 2], y: [60], yType: 'int32', batch: 20 };
  const program = (units: number, samples = 2) => {
    const model = sequential([dense({ units }), dense({ units: 2 })]);
    const problem = { model, likelihood: clouds.likelihood, optimizer: adam(), size: 60 };
    const shape = { inputShape: [2], targetShape: [], steps: 100, stepsPerEpoch: 10 };
    return vi({ samples }).build({ ...problem, ...shape });
  };
  const choose = (devices: 'all' | number, strategy: Strategy, units = 4): Mesh[] =>
    meshesFor({ devices, strategy }, program(units), shapes);

  it('is all cores there are, but one where the model is small', () => {
    const most = Math.min(2, deviceCount()); // not more than samples
    assert.deepEqual(choose('all', 'sample'), [{ sample: 1, data: 1 }]);
    assert.deepEqual(choose('all', 'sample', 1e5), [{ sample: most, data: 1 }]);
    assert.deepEqual(choose('all', 'data', 1e5), [{ sample: 1, data: Math.min(20, deviceCount()) }]);
  });

  it('is the one that is asked for', () => {
    assert.deepEqual(choose(2, 'sample'), [{ sample: 2, data: 1 }]);
    assert.deepEqual(choose(3, 'data'), [{ sample: 1, data: 3 }]);
    assert.deepEqual(choose('all', { sample: 2, data: 5 }), [{ sample: 2, data: 5 }]);
    assert.deepEqual(choose(10, { sample: 2, data: 5 }), [{ sample: 2, data: 5 }]);
  });

  it('is to be measured among all that give everyone something to do, and a lone worker', () => {
    assert.deepEqual(candidates(6, { samples: 3, batch: 20 }), [
      { sample: 3, data: 2 },
      { sample: 2, data: 3 },
      { sample: 1, data: 6 },
      { sample: 1, data: 1 },
    ]);
    assert.deepEqual(candidates(1, { samples: 3, batch: 20 }), [{ sample: 1, data: 1 }]);
  });

  for (const [given, message] of [
    [
      { devices: 7 },
      "fit: 7 workers cannot share 6 samples: use at most 6 devices, share out the data as well (strategy: 'data'), or draw more samples, as in vi({ samples: 7 })",
    ],
    [
      { devices: 21, strategy: 'data' },
      'fit: 21 workers cannot share a batch of 20: use at most 20 devices, or a larger batchSize',
    ],
    [
      { devices: 3, strategy: { sample: 2, data: 1 } },
      'fit: strategy { sample: 2, data: 1 } is for 2 workers, but devices is 3: leave devices out, or make it 2',
    ],
    [
      { strategy: 'samples' },
      "fit: option 'strategy' must be 'sample', 'data', 'auto' or a mesh { sample: P, data: Q }, got \"samples\"",
    ],
    [
      { strategy: { sample: 0, data: 1 } },
      "fit: option 'strategy' must be 'sample', 'data', 'auto' or a mesh { sample: P, data: Q }, got an object",
    ],
    [{ samplesPerCall: 0 }, "fit: option 'samplesPerCall' must be a whole number of at least 1, got 0"],
  ] as const) {
    it(`refuses ${JSON.stringify(given)}`, () => {
      assert.throws(() => fitClouds(given as Partial<FitOptions<'classification'>>), {
        name: 'CredenceError',
        code: 'E_OPTION',
        message,
      });
    });
  }
});
