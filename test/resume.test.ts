import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type FitOptions } from '../lib/fit';
import { adam } from '../lib/optimizers';
import { resume } from '../lib/resume';
import { list, load } from '../lib/runs/stored';
import type { Run } from '../lib/runs/run';
import { vi } from '../lib/inference/vi';
import { clouds, fitClouds, options } from './problems';
import { spawnAndKill } from './resumeChild';
import { steps } from './wait';

const STEPS_PER_EPOCH = 3;
const EPOCHS = 1500; // so many that a stop comes before the end, however fast the machine

const settings = (given: Partial<FitOptions<'classification'>> = {}): FitOptions<'classification'> => ({
  ...options(),
  likelihood: clouds.likelihood,
  optimizer: adam(1e-2),
  epochs: EPOCHS,
  ...given,
});

const numbers = (run: Run): Float32Array[] => [...run.posterior.variables.values()];

/** A run that is stopped on its way. */
async function stopped(given: Partial<FitOptions<'classification'>> = {}): Promise<Run<'classification'>> {
  const run = fitClouds(settings(given));
  await steps(run, 1);
  run.stop();
  await run.done;
  assert.equal(run.state, 'stopped');
  assert.ok(run.step < STEPS_PER_EPOCH * EPOCHS, 'it was stopped in time');
  return run;
}

describe('resume', () => {
  let folder: string;
  const before = process.env['CREDENCE_RUNS'];
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'credence-resume-'));
    process.env['CREDENCE_RUNS'] = folder;
  });
  afterEach(() => {
    process.env['CREDENCE_RUNS'] = before;
    rmSync(folder, { recursive: true, force: true });
  });

  it('ends with the bits of an undisturbed run, and with its losses, on one worker', async () => {
    const undisturbed = fitClouds(settings());
    await undisturbed.done;
    const first = await stopped();
    const second = resume(first.id); // this process knows the model and the data
    assert.equal(second.id, first.id);
    assert.ok(second.step > 0);
    assert.deepEqual([second.state, second.stepsPerSecond], ['starting', null]); // not the speed of what is done
    await second.done;
    assert.deepEqual([second.state, second.step], ['done', STEPS_PER_EPOCH * EPOCHS]);
    assert.deepEqual(numbers(second), numbers(undisturbed));
    assert.deepEqual(second.history, undisturbed.history);
    const stored = load(first.id);
    assert.equal(stored.state, 'done');
    assert.deepEqual([...stored.metrics.nll], undisturbed.history.nll);
    assert.deepEqual([...stored.checkpoint!.variables.values()], numbers(undisturbed));
  });

  it('goes on with other workers, to the same posterior up to rounding', async () => {
    const few = { epochs: 400 };
    const undisturbed = fitClouds(settings(few));
    await undisturbed.done;
    const first = await stopped({ ...few, devices: 2 });
    const second = resume(
      first.id,
      clouds.model,
      clouds.train,
      settings({ ...few, devices: 3, strategy: 'data' }),
    );
    await second.done;
    numbers(second).forEach((values, i) => {
      const want = numbers(undisturbed)[i]!;
      const largest = Math.max(...want.map(Math.abs));
      values.forEach((value, j) => assert.ok(Math.abs(value - want[j]!) <= 1e-4 * largest));
    });
  });

  it('takes more epochs', async () => {
    const run = fitClouds(settings({ epochs: 2 }));
    await run.done;
    assert.throws(() => resume(run.id), {
      code: 'E_RUN',
      message: `run ${run.id} has made all of its 6 steps: give it more epochs than 2 to go on`,
    });
    const more = resume(run.id, undefined, undefined, { epochs: 4 });
    await more.done;
    assert.deepEqual([more.step, more.plan.epochs], [12, 4]);
    assert.throws(() => resume(run.id, undefined, undefined, { epochs: 3 }), {
      code: 'E_RUN',
      message: /started for 4 epochs: resume it with as many or more, not 3/,
    });
  });

  it('goes on where a process was killed', async () => {
    const id = await spawnAndKill(folder);
    assert.deepEqual(
      list().map((run) => [run.id, run.state]),
      [[id, 'interrupted']],
    );
    assert.throws(() => resume(id), {
      code: 'E_RUN',
      message: `run ${id} was not started in this process: give its model, data and options again, as in resume('${id}', model, data, options)`,
    });
    const run = resume(id.slice(0, -1), clouds.model, clouds.train, settings({ epochs: 1e6 }));
    assert.ok(run.step > 0);
    const from = run.step;
    await steps(run, from + 50);
    run.stop();
    await run.done;
    const undisturbed = fitClouds(settings({ epochs: Math.ceil(run.step / STEPS_PER_EPOCH) }));
    await undisturbed.done;
    assert.deepEqual(run.history.nll, undisturbed.history.nll.slice(0, run.step));
  });

  for (const [name, given, message] of [
    ['another seed', { seed: 4 }, /seed was 3 and is 4 now/],
    ['another batch size', { batchSize: 10 }, /batchSize was 20 and is 10 now/],
    ['another optimiser', { optimizer: adam(1e-3) }, /optimizer was adam\(0.01\) and is adam\(0.001\) now/],
    ['other samples', { method: vi({ samples: 5 }) }, /(method|samples) was .* now/],
  ] as const) {
    it(`refuses ${name}`, async () => {
      const run = await stopped({ epochs: 1e6 });
      assert.throws(() => resume(run.id, undefined, undefined, given), { code: 'E_RUN', message });
    });
  }

  it('refuses a run that is running, and one that there is not', async () => {
    const run = fitClouds(settings({ epochs: 1e6 }));
    await steps(run, 10);
    assert.throws(() => resume(run.id), { code: 'E_RUN', message: /is still (starting|running)/ });
    run.stop();
    await run.done;
    assert.throws(() => resume('2001-01-01-000000-0000'), { code: 'E_RUN' });
  });

  it('has nothing to go on with where a run is not kept', async () => {
    const run = fitClouds(settings({ save: false, epochs: 2 }));
    await run.done;
    assert.deepEqual([...list()], []);
    assert.throws(() => resume(run.id), { code: 'E_RUN' });
  });

  it('is asked of a library that tells what it does where the disk is of no use', () => {
    const program = `
      const { fit, likelihoods, layers } = require(${JSON.stringify(path.join(__dirname, '..', 'lib'))});
      const run = fit(layers.dense({ units: 1 }), { x: [0, 1], y: [0, 1] }, { likelihood: likelihoods.gaussian(), epochs: 2, devices: 1 });
      run.done.then(() => console.log(run.state, run.notice));`;
    const text = execFileSync(process.execPath, ['-e', program], {
      encoding: 'utf8',
      env: { ...process.env, CREDENCE_RUNS: '/dev/null/runs' },
    });
    assert.match(text, /^done the run is not kept on disk at present: .*\/dev\/null\/runs/);
  });
});
