/** Averages that move with the batches: under every method, on every mesh, and after a resumption. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fit, type FitOptions } from '../../../lib/fit';
import { hmc } from '../../../lib/inference/chains/hmc';
import { nuts } from '../../../lib/inference/chains/nuts';
import { ensemble } from '../../../lib/inference/ensemble';
import { forwardGradients } from '../../../lib/inference/forwardGradients';
import { sghmc } from '../../../lib/inference/langevin/sghmc';
import { sgld } from '../../../lib/inference/langevin/sgld';
import { laplace } from '../../../lib/inference/laplace/laplace';
import { map } from '../../../lib/inference/map';
import { mcDropout } from '../../../lib/inference/mcDropout';
import type { Method } from '../../../lib/inference/method';
import type { Posterior } from '../../../lib/inference/posterior/posterior';
import { rank1 } from '../../../lib/inference/rank1';
import { swag } from '../../../lib/inference/swag/swag';
import { vi } from '../../../lib/inference/vi';
import { batchNorm, dense, dropout } from '../../../lib/layers';
import { sequential } from '../../../lib/layers/sequential';
import { accuracy } from '../../../lib/metrics';
import { ndarray } from '../../../lib/ndarray';
import { adam, sgd } from '../../../lib/optimizers';
import { meshesFor } from '../../../lib/parallel/chooseMesh';
import { stepShapes } from '../../../lib/parallel/plan/stepShapes';
import { resume } from '../../../lib/resume';
import { BATCH, clouds } from '../../problems';
import { refuses } from '../../refuses';
import { steps } from '../../wait';

const model = sequential([
  dense({ units: 4, bias: false }),
  batchNorm(),
  dropout({ rate: 0.1 }),
  dense({ units: 2 }),
]);
const { train, likelihood } = clouds;
const start = (given: Partial<FitOptions<'classification'>>) =>
  fit(model, train, {
    likelihood,
    optimizer: adam(0.02),
    batchSize: BATCH,
    epochs: 30,
    seed: 3,
    devices: 1,
    save: false,
    ...given,
  });

const averages = ['movingMean', 'movingVariance'].map((name) => `1.batchNorm.${name}`);

/** Methods, and how many averages each has of every channel: chains have one of each draw. */
const methods: Record<
  string,
  { method: Method; sets: number; options?: Partial<FitOptions<'classification'>> }
> = {
  vi: { method: vi({ samples: 6 }), sets: 1 },
  'vi, predictive': { method: vi({ samples: 6, objective: 'predictive' }), sets: 1 },
  map: { method: map(), sets: 1 },
  mcDropout: { method: mcDropout({ samples: 3 }), sets: 1 },
  ensemble: { method: ensemble({ members: 3 }), sets: 3 },
  rank1: { method: rank1({ components: 3 }), sets: 1 },
  swag: { method: swag({ members: 2, every: 2 }), sets: 2, options: { optimizer: sgd(0.1) } },
  sgld: { method: sgld({ chains: 3, stepSize: 0.1, keep: 2 }), sets: 6 },
  sghmc: { method: sghmc({ chains: 3, stepSize: 0.01, keep: 2 }), sets: 6 },
  laplace: { method: laplace(), sets: 1 },
  'laplace, all layers': { method: laplace({ over: 'all' }), sets: 1 },
  'forward gradients': { method: forwardGradients(map(), { tangents: 8 }), sets: 1 },
};

describe('inference: averages that move', () => {
  for (const [name, { method, sets, options }] of Object.entries(methods)) {
    it(`${name}: follow the batches, and predictions go by them`, async () => {
      const { seed, ...refused } = { seed: 3, optimizer: adam(0.02), ...options };
      const optimizer = method.refuses?.includes('optimizer') ? {} : { optimizer: refused.optimizer };
      const run = fit(model, train, { likelihood, method, batchSize: BATCH, epochs: 30, seed, devices: 1, save: false, ...optimizer }); // prettier-ignore
      const posterior = await run.done;
      const [means, variances] = averages.map((each) => posterior.variables.get(each)!);
      assert.equal(means!.length, 4 * sets);
      // the activations before the norm are small, and so are their variances: the averages began at 0 and 1
      assert.ok(means!.every((mean) => Math.abs(mean) > 1e-6), String(means)); // prettier-ignore
      assert.equal(new Set(means).size, 4 * sets, 'members and chains have their own');
      assert.ok(variances!.every((variance) => variance > 0 && variance !== 1));
      assert.ok(accuracy(posterior.predict(train.x).mean, train.y) > 0.9);
      assertAlone(posterior);
    });
  }

  /** What is predicted of a datum does not depend on the others. */
  function assertAlone(posterior: Posterior<'classification'>): void {
    const all = posterior.predict(train.x, { samples: 6 }).mean;
    const first = posterior.predict(ndarray(train.x.slice(0, 2), [1, 2]), { samples: 6 }).mean;
    first.forEach((value, i) => assert.ok(Math.abs(value - all[i]!) < 1e-5, `${value}, ${all[i]}`));
  }

  const sharable = ['vi', 'vi, predictive', 'mcDropout', 'ensemble', 'sgld'] as const;
  for (const name of sharable) {
    it(`${name}: the same on 1, 2 and 3 workers and by several calls, to 1e-5`, async () => {
      const { method } = methods[name]!;
      const learn = async (given: Partial<FitOptions<'classification'>>) => {
        const run = fit(model, train, { likelihood, method, batchSize: BATCH, epochs: 3, seed: 3, save: false, ...given }); // prettier-ignore
        return (await run.done).variables;
      };
      const want = await learn({ devices: 1 });
      const others = [
        await learn({ strategy: { sample: 2, data: 1 } }),
        await learn({ strategy: { sample: 3, data: 1 } }),
        await learn({ devices: 1, samplesPerCall: 2 }),
      ];
      for (const [i, got] of others.entries()) {
        for (const [variable, values] of want) {
          const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
          values.forEach((value, j) => {
            const off = Math.abs(got.get(variable)![j]! - value) / largest;
            assert.ok(off < 1e-5, `${variable}[${j}] of ${i} is off by ${off}`);
          });
        }
      }
    });
  }

  it('are the same after a stop and a resumption as undisturbed', async () => {
    const before = process.env['CREDENCE_RUNS'];
    const folder = mkdtempSync(path.join(os.tmpdir(), 'credence-moving-'));
    process.env['CREDENCE_RUNS'] = folder;
    try {
      const settings = { method: vi({ samples: 6 }), epochs: 3000, save: true };
      const undisturbed = start(settings);
      await undisturbed.done;
      const first = start(settings);
      await steps(first, 100);
      first.stop();
      await first.done;
      assert.equal(first.state, 'stopped');
      const second = resume(first.id);
      await second.done;
      assert.deepEqual(
        [...second.posterior.variables.values()],
        [...undisturbed.posterior.variables.values()],
      );
    } finally {
      process.env['CREDENCE_RUNS'] = before;
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('need whole batches: workers cannot share them out', () => {
    for (const strategy of ['data', { sample: 1, data: 2 }] as const) {
      refuses(
        () => start({ strategy, devices: 2 }),
        'E_OPTION',
        /batch normalisation needs the whole batch.*make it 'sample', or use layers\.groupNorm/,
      );
    }
    const program = vi({ samples: 6 }).build({
      model,
      likelihood,
      optimizer: adam(),
      inputShape: [2],
      targetShape: [],
      size: 60,
      steps: 10,
      stepsPerEpoch: 3,
    });
    const shapes = stepShapes({ ...train, yShape: [60] }, BATCH);
    const meshes = meshesFor({ devices: 4, strategy: 'auto' }, program, shapes);
    assert.deepEqual(meshes, [
      { sample: 4, data: 1 },
      { sample: 1, data: 1 },
    ]);
  });

  it('are refused by chains whose density is a function of the weights alone, and by batches of one', () => {
    const quiet = sequential([dense({ units: 4 }), batchNorm(), dense({ units: 2 })]);
    for (const method of [hmc(), nuts()]) {
      refuses(
        () => fit(quiet, train, { likelihood, method }),
        'E_OPTION',
        /needs a model whose density is a function of its weights alone.*1\.batchNorm\.movingMean.*layers\.groupNorm/,
      );
    }
    refuses(() => start({ batchSize: 1 }), 'E_SHAPE', /make batchSize larger/);
  });
});
