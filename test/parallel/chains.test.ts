import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { call } from '../../lib/engine/compile/trace';
import type { CompiledFunction } from '../../lib/engine/native/functions';
import { backend } from '../../lib/engine/tfjs/backend';
import { walk } from '../../lib/inference/chains/phase';
import { hmc } from '../../lib/inference/chains/hmc';
import type { Method } from '../../lib/inference/method';
import { nuts } from '../../lib/inference/chains/nuts';
import { LEAPS, planChains } from '../../lib/parallel/plan/chainPlan';
import { closePool, workerPool } from '../../lib/parallel/worker/pool';
import { shareOut } from '../../lib/parallel/plan/schedule';
import { startOf } from '../../lib/parallel/plan/state';
import { stepShapes } from '../../lib/parallel/plan/stepShapes';
import { trainHere } from '../../lib/parallel/trainHere';
import { keyOf, normals } from '../../lib/threefry';
import { clouds, fitClouds } from '../problems';
import { steps, until } from '../wait';

const settings = { batchSize: undefined, save: false } as const;
const start = (devices: number, method = nuts({ warmup: 60, draws: 40, maxTreeDepth: 6 })) =>
  fitClouds({ ...settings, method, devices });

describe('parallel: chains that are shared out over workers', () => {
  for (const [name, method] of [
    ['nuts', nuts({ warmup: 60, draws: 40, maxTreeDepth: 6 })],
    ['hmc', hmc({ warmup: 60, draws: 40 })],
  ] as const) {
    it(`are the same to the bit on any number of them: ${name}`, async () => {
      const alone = await start(1, method).done;
      for (const devices of [2, 3, 4]) {
        const run = start(devices, method);
        const { variables } = await run.done;
        assert.equal(run.workers, devices);
        for (const [name, values] of alone.variables) assert.deepEqual(variables.get(name), values, name);
      }
    });
  }

  it('go on where they were when a worker died', async () => {
    await closePool();
    const method = nuts({ warmup: 100, draws: 500, maxTreeDepth: 5 });
    const run = start(2, method);
    await steps(run, 300);
    await workerPool().threads[1]!.terminate();
    await until(() => run.recoveries === 1 || !run.active);
    assert.equal(run.recoveries, 1);
    const { variables } = await run.done;
    const undisturbed = await start(2, method).done;
    for (const [name, values] of undisturbed.variables) assert.deepEqual(variables.get(name), values, name);
  });
});

const program = (method: Method) => {
  const { model, likelihood } = clouds;
  return method.build({
    model,
    likelihood,
    optimizer: { name: 'none', slots: 0, update: (update) => ({ update, slots: [] }) },
    inputShape: [2],
    targetShape: [],
    size: 60,
    steps: 30,
    stepsPerEpoch: 1,
  });
};
const { x, y } = clouds.train;
const data = { x, y: y as Int32Array, yShape: [60] };

describe('parallel: several leapfrog steps in one call', () => {
  it('are those of plain double precision, one after the other, to 1e-4', () => {
    backend();
    const own = program(nuts());
    const shapes = stepShapes(data, 60);
    const shares = shareOut({ sample: 2, data: 1 }, { samples: 4, batch: 60, groups: 1, samplesPerCall: 4 });
    const plans = planChains(own.hamiltonian!, { program: own, augmenter: undefined, shapes }, shares);
    assert.deepEqual(
      plans.map((plan) => plan.own),
      [
        [0, 1],
        [2, 3],
      ],
    );
    const { potential, leaps } = plans[0]!;
    const inputs = [tf.tensor(x, [60, 2]), tf.tensor(y, [60], 'int32')];
    const ask = (plan: CompiledFunction, numbers: readonly ArrayLike<number>[]): Float32Array =>
      call(plan, [
        ...numbers.map((each) => tf.tensor1d(Float32Array.from(each))),
        ...inputs,
      ])[0]!.dataSync<'float32'>();
    const density = (q: Float64Array) => {
      const found = ask(potential, [q]);
      return { nll: found[0]!, nlp: found[1]!, gradient: found.subarray(2) };
    };
    const dim = potential.inputs[0]!.shape[0]!;
    const q = normals(keyOf(1), dim);
    const start = { q, p: normals(keyOf(2), dim), at: density(q) };
    const variances = Float64Array.from(normals(keyOf(3), dim), Math.exp);
    for (const stepSize of [0.02, -0.02]) {
      const got = ask(leaps!, [start.q, start.p, start.at.gradient, [stepSize], variances]);
      const want = [...walk(start, LEAPS, { potential: density }, stepSize, variances)];
      assert.equal(got.length, LEAPS * (2 + 3 * dim));
      want
        .flatMap(({ q, p, at }) => [at.nll, at.nlp, ...q, ...p, ...Array.from(at.gradient)])
        .forEach((value, i) =>
          assert.ok(
            Math.abs(got[i]! - value) < 1e-5 * Math.max(10, Math.abs(value)),
            `${i}: ${got[i]}, ${value}`,
          ),
        );
    }
  });
});

describe('parallel: chains on this thread, without TensorFlow', () => {
  it('begin as compiled ones do, and keep their draws', async () => {
    const method = nuts({ chains: 2, warmup: 20, draws: 10 });
    const own = program(method);
    const nlls: number[] = [];
    const training = trainHere(
      own,
      data,
      { mesh: { sample: 1, data: 1 }, steps: 30, batch: 60, seed: 3 },
      { metrics: (_, nll) => nlls.push(...nll), saved: () => undefined },
    );
    assert.equal((await training.ending).end, 'done');
    const { kept, vectors } = training.state();
    assert.equal(kept.length, 10);
    assert.deepEqual(kept.at(-1), vectors);
    assert.notDeepEqual(vectors[0], startOf(own, 3).vectors[0]);
    const run = fitClouds({ ...settings, method, devices: 1 });
    await run.done;
    // rounding grows: only the beginning is the same
    run.history.nll
      .slice(0, 2)
      .forEach((want, i) => assert.ok(Math.abs(nlls[i]! - want) < 1e-3, `${nlls[i]}, ${want}`));
  });
});
