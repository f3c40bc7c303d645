/** What methods keep on the way: when, and whatever happens to the run. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { FitOptions } from '../../lib/fit';
import { ensemble } from '../../lib/inference/ensemble';
import { sghmc } from '../../lib/inference/langevin/sghmc';
import { sgld } from '../../lib/inference/langevin/sgld';
import { swag } from '../../lib/inference/swag/swag';
import { sgd } from '../../lib/optimizers';
import { closePool, workerPool } from '../../lib/parallel/worker/pool';
import { resume } from '../../lib/resume';
import type { Run } from '../../lib/runs/run';
import { assertClose } from '../golden';
import { fitClouds } from '../problems';
import { refuses } from '../refuses';
import { steps, until } from '../wait';

type Options = Partial<FitOptions<'classification'>>;

const numbers = (run: Run): Float32Array[] => [...run.posterior.variables.values()];

describe('inference: what is kept on the way', () => {
  let folder: string;
  const before = process.env['CREDENCE_RUNS'];
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'credence-keeping-'));
    process.env['CREDENCE_RUNS'] = folder;
  });
  afterEach(() => {
    process.env['CREDENCE_RUNS'] = before;
    rmSync(folder, { recursive: true, force: true });
  });

  it('is the state after the very step, with 16 steps a call or one', async () => {
    // without noise a chain is gradient descent: a member of an ensemble
    const method = sgld({ chains: 2, temperature: 0, stepSize: 0.1, keep: 3, burnIn: 0.1 });
    const posterior = await fitClouds({ method, epochs: 40 }).done;
    // of 120 steps: after 48, 84 and 120
    for (const [draw, step] of [48, 84, 120].entries()) {
      const options = { method: ensemble({ members: 2 }), optimizer: sgd(0.1), epochs: step / 3 };
      const { variables } = await fitClouds(options).done;
      for (const [name, values] of variables) {
        const size = values.length / 2;
        const chain = posterior.chain(name);
        for (const member of [0, 1]) {
          const from = (3 * member + draw) * size;
          const want = Array.from(values.slice(member * size, (member + 1) * size));
          assertClose(chain.slice(from, from + size), want, 1e-5, `${name} of ${member} after ${step}`);
        }
      }
    }
  });

  const cases: [string, Options][] = [
    ['sgld', { method: sgld({ keep: 40 }) }],
    ['sghmc', { method: sghmc({ keep: 40 }) }],
    ['swag', { method: swag({ members: 2, from: 0.2, every: 100 }), optimizer: sgd(0.1) }],
  ];
  for (const [name, options] of cases) {
    it(`${name}: ends with the same bits after a stop and a resumption as undisturbed`, async () => {
      const settings = { ...options, epochs: 6000 };
      const undisturbed = fitClouds(settings);
      await undisturbed.done;
      const first = fitClouds(settings);
      await steps(first, 10_000);
      first.stop();
      await first.done;
      assert.equal(first.state, 'stopped');
      assert.ok(first.step < 18_000, 'it was stopped in time');
      assert.notDeepEqual(numbers(first), numbers(undisturbed));
      refuses(() => resume(first.id, undefined, undefined, { epochs: 7000 }), 'E_RUN', /its 18000 steps fix/);
      const second = resume(first.id);
      await second.done;
      assert.deepEqual([second.state, second.step], ['done', 18_000]);
      assert.deepEqual(numbers(second), numbers(undisturbed));
    });
  }

  it('is the same if workers die', async () => {
    await closePool(); // so that there is no thread but those of the run
    const settings: Options = { method: sgld({ keep: 40 }), epochs: 1500, devices: 2 };
    const run = fitClouds(settings);
    for (const [i, when] of [500, 3000].entries()) {
      await steps(run, when);
      await workerPool().threads[i]?.terminate();
      await until(() => run.recoveries === i + 1);
    }
    await run.done;
    assert.deepEqual([run.state, run.step], ['done', 4500]);
    const undisturbed = fitClouds(settings);
    await undisturbed.done;
    assert.deepEqual(numbers(run), numbers(undisturbed));
  });

  it('is what there is so far, after a stop: of each chain as many', async () => {
    const run = fitClouds({ method: sgld({ keep: 1000, burnIn: 0 }), epochs: 1e5 });
    await steps(run, 2000);
    run.stop();
    const posterior = await run.done;
    const [chains, draws] = posterior.chain('0.dense.bias', 0).shape;
    assert.equal(chains, 4);
    assert.equal(draws, Math.floor(run.step / 300));
    assert.ok(posterior.variables.get('0.dense.bias')!.every((value) => value !== 0));
  });
});
