import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkpointsIn, newestCheckpoint, stateIn } from '../../lib/runs/checkpoint';
import { readConfig } from '../../lib/runs/config';
import { metricsFile, readMetrics } from '../../lib/runs/metricsLog';
import { newRunId, runFolder } from '../../lib/runs/runFolder';
import { readStatus, stateOf } from '../../lib/runs/status';
import { libFolder } from '../child';
import { until } from '../wait';
import { config, ownFolder, program, record, stateAt } from './folder';
import { runLimited } from './limited';

const steps = (folder: string): number[] => Array.from(readMetrics(metricsFile(folder)).step);
const oneTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

/** A script that keeps a run: three parameters, and losses that are all 1. */
const script = (id: string, body: string): string => `
  const { Recorder } = require('./runs/recorder.js');
  const { newConfig } = require('./runs/config.js');
  const size = SIZE;
  const layout = { vectors: [{ length: size }], slots: 1, variables: [{ name: 'w', shape: [size], vector: 0, offset: 0 }] };
  const state = (step) => ({ step, vectors: [new Float32Array(size).fill(step)], slots: [new Float32Array(size).fill(-step)], kept: [] });
  const config = newConfig('${id}', {
    model: [{ name: 'w', shape: [size] }], method: 'vi', likelihood: { name: 'gaussian', kind: 'regression' }, optimizer: 'sgd', seed: 1,
    batchSize: 1, samples: 1, data: { size: 1, inputShape: [1], targetShape: [1] }, epochs: 100, steps: 100, mesh: null,
  });
  const told = [];
  const recorder = new Recorder({ config, layout, onTrouble: (message) => told.push(message) });
  const print = (value) => process.stdout.write(JSON.stringify(value) + '\\n');
  void (async () => { ${body} })();`;

const layoutOf = (size: number) => ({
  vectors: [{ length: size, initial: () => new Float32Array(size) }],
  slots: 1,
  variables: [{ name: 'w', shape: [size], vector: 0, offset: 0 }],
});

describe('runs: the recorder', () => {
  const folder = ownFolder();

  it('keeps configuration, losses, checkpoints and state', async () => {
    const of = config({ mesh: null });
    const recorder = record(of);
    recorder.metrics(1, [3, 2], [0.5, 0.5]);
    recorder.checkpoint(stateAt(2));
    recorder.share({ sample: 2, data: 1 });
    recorder.metrics(3, [1], [0.5]);
    recorder.end('done');
    await recorder.close();
    assert.equal(recorder.trouble, undefined);
    assert.deepEqual(readdirSync(folder()), [of.id]);
    assert.deepEqual(readdirSync(recorder.folder).sort(), [
      'checkpoint-2.safetensors',
      'config.json',
      'metrics.jsonl',
      'state.json',
    ]);
    assert.deepEqual(readConfig(recorder.folder), { ...of, mesh: { sample: 2, data: 1 } });
    assert.deepEqual(steps(recorder.folder), [1, 2, 3]);
    assert.deepEqual(stateIn(newestCheckpoint(recorder.folder)!, program), stateAt(2));
    const status = readStatus(recorder.folder);
    assert.deepEqual([status.state, status.step, status.message], ['done', 3, null]);
    assert.ok(status.ended !== null && status.seconds > 0 && status.seconds < 60);
  });

  it('says that the run is running, paused, and why it failed', async () => {
    const recorder = record();
    const isSaid = (state: string) => () => {
      try {
        return stateOf(readStatus(recorder.folder)) === state;
      } catch {
        return false; // not there yet
      }
    };
    await until(isSaid('running'));
    recorder.change('paused');
    await until(isSaid('paused'));
    recorder.change('running');
    await until(isSaid('running'));
    recorder.end('failed', 'a worker thread died');
    await recorder.close();
    assert.equal(readStatus(recorder.folder).message, 'a worker thread died');
    assert.equal(stateOf(readStatus(recorder.folder)), 'failed');
  });

  it('counts no pause as work', async () => {
    const recorder = record();
    recorder.change('paused');
    await recorder.close();
    const { seconds } = readStatus(recorder.folder);
    await sleep(100);
    recorder.end('stopped');
    await recorder.close();
    assert.equal(readStatus(recorder.folder).seconds, seconds);
  });

  it('writes losses within a second or two, and at the end at once', async () => {
    const recorder = record();
    for (let step = 1; step <= 1000; step++) {
      recorder.metrics(step, [1], [0]);
      if (step === 500) await until(() => steps(recorder.folder).length === 500);
    }
    assert.equal(steps(recorder.folder).length, 500);
    recorder.end('stopped');
    await recorder.close();
    assert.deepEqual(steps(recorder.folder), oneTo(1000));
  });

  it('passes over a checkpoint that still waits when the next one comes', async () => {
    const recorder = record();
    for (let step = 1; step <= 50; step++) recorder.checkpoint(stateAt(step));
    await recorder.close();
    const kept = checkpointsIn(recorder.folder).map(({ step }) => step);
    assert.equal(kept[0], 50);
    assert.ok(kept.length <= 2);
    assert.deepEqual(stateIn(newestCheckpoint(recorder.folder)!, program), stateAt(50));
  });

  it('keeps two runs apart, at the same time', async () => {
    const recorders = [record(), record()];
    for (let step = 1; step <= 20; step++) {
      recorders.forEach((recorder, i) => {
        recorder.metrics(step, [step], [i]);
        recorder.checkpoint(stateAt(1000 * i + step));
      });
      await sleep(1);
    }
    await Promise.all(recorders.map((recorder) => recorder.close()));
    recorders.forEach((recorder, i) => {
      const { nll, kl } = readMetrics(metricsFile(recorder.folder));
      assert.deepEqual([Array.from(nll), new Set(kl)], [oneTo(20), new Set([i])]);
      assert.deepEqual(stateIn(newestCheckpoint(recorder.folder)!, program), stateAt(1000 * i + 20));
    });
  });

  it('goes on with a run, and cleans up what a killed process has left', async () => {
    const of = config();
    const first = record(of);
    first.metrics(1, [1, 2, 3], [0, 0, 0]);
    first.checkpoint(stateAt(2));
    await first.close();
    writeFileSync(path.join(first.folder, 'checkpoint-3.safetensors.999.part'), 'half');
    const again = { ...of, epochs: 20, steps: 60 };
    const second = record(again, { from: { step: 2, seconds: 1000 } });
    second.metrics(3, [30, 40], [0, 0]);
    second.end('done');
    await second.close();
    assert.deepEqual(Array.from(readMetrics(metricsFile(first.folder)).nll), [1, 2, 30, 40]);
    assert.deepEqual(readConfig(first.folder), again);
    assert.ok(readStatus(first.folder).seconds > 1000);
    assert.ok(readdirSync(first.folder).every((name) => !name.endsWith('.part')));
  });

  it('writes a new run into no folder that is there', async () => {
    const of = config();
    mkdirSync(runFolder(of.id));
    const told: string[] = [];
    const recorder = record(of, { onTrouble: (message) => told.push(message) });
    await recorder.close();
    assert.match(told.join(), /something else has its name/);
    assert.deepEqual(readdirSync(recorder.folder), []);
  });

  it('tells once of a folder that cannot be written to, and writes all when it can be', async () => {
    const root = path.join(folder(), 'runs');
    process.env['CREDENCE_RUNS'] = root;
    writeFileSync(root, 'a file in the way');
    const told: string[] = [];
    const recorder = record(config(), { onTrouble: (message) => told.push(message) });
    recorder.metrics(1, [1, 2], [0, 0]);
    await until(() => told.length > 0);
    recorder.checkpoint(stateAt(1));
    await sleep(50);
    assert.match(recorder.trouble!, /cannot be written: .*CREDENCE_RUNS/);
    rmSync(root);
    recorder.checkpoint(stateAt(2));
    await until(() => recorder.trouble === undefined);
    await recorder.close();
    assert.equal(told.length, 1);
    assert.deepEqual(steps(recorder.folder), [1, 2]);
    assert.deepEqual(
      checkpointsIn(recorder.folder).map(({ step }) => step),
      [2],
    );
  });

  it('writes losses again that could not be written', async () => {
    const told: string[] = [];
    const recorder = record(config(), { onTrouble: (message) => told.push(message) });
    const file = metricsFile(recorder.folder);
    await recorder.close();
    mkdirSync(file); // in the way
    recorder.metrics(1, [1, 2], [0, 0]);
    recorder.checkpoint(stateAt(2));
    await until(() => recorder.trouble !== undefined);
    assert.equal(
      newestCheckpoint(recorder.folder)!.step,
      2,
      'one part that fails does not keep the others back',
    );
    rmSync(file, { recursive: true });
    recorder.metrics(3, [3], [0]);
    recorder.end('done');
    await recorder.close();
    assert.deepEqual([recorder.trouble, told.length], [undefined, 1]);
    assert.deepEqual(steps(recorder.folder), [1, 2, 3]);
  });

  it('tells of a folder that may only be read', async function () {
    if (process.getuid?.() === 0) this.skip(); // root may write everywhere
    chmodSync(folder(), 0o500);
    const told: string[] = [];
    await record(config(), { onTrouble: (message) => told.push(message) }).close();
    assert.match(told.join(), /you may not write there/);
  });

  it('keeps the last checkpoint that there was room for, and the losses that came after it', async () => {
    const id = newRunId();
    // a checkpoint of 400 bytes fits, and then one of 80 kB does not
    const body = `
      recorder.metrics(1, [1, 1], [0, 0]);
      recorder.checkpoint(state(2));
      await new Promise((resolve) => setTimeout(resolve, 300));
      layout.vectors[0].length = layout.variables[0].shape[0] = 10_000;
      const large = (step) => ({ step, vectors: [new Float32Array(10_000)], slots: [new Float32Array(10_000)], kept: [] });
      recorder.metrics(3, [1], [0]);
      for (const step of [3, 4]) {
        recorder.checkpoint(large(step));
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
      recorder.end('done');
      await recorder.close();
      print({ told, trouble: recorder.trouble });`;
    const { told, trouble } = JSON.parse(await runLimited(script(id, body).replace('SIZE', '50'))) as {
      told: string[];
      trouble: string;
    };
    assert.equal(told.length, 1);
    assert.match(told[0]!, /checkpoint-3\.safetensors cannot be written: files may not be that large/);
    assert.match(trouble, /checkpoint-4/);
    assert.deepEqual(readdirSync(runFolder(id)).sort(), [
      'checkpoint-2.safetensors',
      'config.json',
      'metrics.jsonl',
      'state.json',
    ]);
    assert.deepEqual(steps(runFolder(id)), [1, 2, 3]);
    assert.equal(readStatus(runFolder(id)).state, 'done');
    const { vectors } = stateIn(newestCheckpoint(runFolder(id))!, layoutOf(50));
    assert.deepEqual(vectors, [new Float32Array(50).fill(2)]);
  });

  it('leaves a run that can be read when its process is killed at whatever moment', async () => {
    const size = 300_000;
    const index = JSON.stringify(path.join(libFolder, 'index.js'));
    for (let round = 0; round < 5; round++) {
      const id = newRunId();
      const body = `for (let step = 1; ; step++) {
        recorder.metrics(step, [1], [0]);
        recorder.checkpoint(state(step));
        if (step === 5) print('go');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }`;
      const program = `{ const require = process.getBuiltinModule('node:module').createRequire(${index}); ${script(id, body).replace('SIZE', String(size))} }`;
      const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
      const closed = once(child, 'close');
      try {
        await once(child.stdout, 'data');
        await until(() => readdirSync(runFolder(id)).some((name) => /^checkpoint-.*s$/.test(name)));
        assert.equal(stateOf(readStatus(runFolder(id))), 'running');
        await sleep(37 * round);
      } finally {
        child.kill('SIGKILL');
        await closed;
      }

      const checkpoint = newestCheckpoint(runFolder(id))!;
      const { step, file } = checkpointsIn(runFolder(id))[0]!;
      assert.deepEqual([checkpoint.step, checkpoint.file], [step, file]);
      const { vectors, slots } = stateIn(checkpoint, layoutOf(size));
      assert.ok(vectors[0]!.every((value) => value === step) && slots[0]!.every((value) => value === -step));
      assert.deepEqual(steps(runFolder(id)), oneTo(steps(runFolder(id)).length));
      assert.ok(steps(runFolder(id)).length >= step, 'the losses until a checkpoint are there before it');
      assert.equal(stateOf(readStatus(runFolder(id))), 'interrupted');
    }
  });
});
