import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { lowestLoss, recentLoss } from '../../lib/runs/losses';
import { metricsFile, MetricsLog, metricsLines, readMetrics } from '../../lib/runs/metricsLog';
import { refuses } from '../refuses';
import { ownFolder } from './folder';
import { runLimited } from './limited';

describe('runs: the log of losses', () => {
  const folder = ownFolder();
  const file = (): string => metricsFile(folder());
  const steps = (): number[] => Array.from(readMetrics(file()).step);

  it('keeps 1000 steps exactly', async () => {
    const log = new MetricsLog(file());
    const nll = Array.from({ length: 1000 }, (_, i) => Math.sin(i));
    const kl = nll.map((value) => value / 3);
    for (let i = 0; i < 1000; i += 100) {
      await log.append(metricsLines(i + 1, nll.slice(i, i + 100), kl.slice(i, i + 100)));
    }
    const metrics = readMetrics(file());
    assert.deepEqual(metrics, {
      step: Int32Array.from(nll, (_, i) => i + 1),
      nll: Float64Array.from(nll),
      kl: Float64Array.from(kl),
    });
    const last = readMetrics(file(), 2000);
    assert.ok(last.step.length > 10 && last.step.length < 100);
    assert.deepEqual(last.nll, metrics.nll.slice(-last.nll.length));
    assert.equal(recentLoss(last), recentLoss(metrics));
  });

  it('has one line for each step', () => {
    assert.equal(
      metricsLines(7, [1.5, NaN], [0.25, 0]),
      '{"step":7,"nll":1.5,"kl":0.25}\n{"step":8,"nll":null,"kl":0}\n',
    );
  });

  it('is empty before the first step', () => {
    assert.deepEqual(steps(), []);
    assert.equal(recentLoss(readMetrics(file())), NaN);
  });

  it('counts a step that was done again once, as it was the last time', async () => {
    const log = new MetricsLog(file());
    await log.append(metricsLines(1, [1, 2, 3, 4, 5], [0, 0, 0, 0, 0]));
    await log.append(metricsLines(3, [30, 40], [1, 1]));
    const { step, nll, kl } = readMetrics(file());
    assert.deepEqual(
      [[...step], [...nll], [...kl]],
      [
        [1, 2, 3, 4],
        [1, 2, 30, 40],
        [0, 0, 1, 1],
      ],
    );
  });

  it('takes no notice of a line that was not written whole, and goes on before it', async () => {
    const whole = metricsLines(1, [1, 2], [0, 0]);
    for (let cut = 1; cut < 20; cut++) {
      writeFileSync(file(), whole + whole.slice(0, cut));
      assert.deepEqual(steps(), [1, 2]);
      await new MetricsLog(file()).append(metricsLines(3, [3], [0]));
      assert.equal(readFileSync(file(), 'utf8'), whole + metricsLines(3, [3], [0]));
    }
    writeFileSync(file(), whole.slice(0, 5));
    await new MetricsLog(file()).append(whole);
    assert.equal(readFileSync(file(), 'utf8'), whole);
  });

  it('takes no notice of what is no line of it', () => {
    writeFileSync(file(), `${'\0'.repeat(3_000_000)}\n{"step":-1}\n[]\nnull\n{"step":1e10}\n{"step":1.5}\n`);
    appendFileSync(file(), metricsLines(1, [1], [0]));
    appendFileSync(file(), `{"__proto__":{"step":2}}\n{"step":2,"nll":"x"}\n`);
    const { step, nll } = readMetrics(file());
    assert.deepEqual(
      [[...step], [...nll]],
      [
        [1, 2],
        [1, NaN],
      ],
    );
  });

  it('says which file cannot be read', () => {
    refuses(() => readMetrics(folder()), 'E_FILE', new RegExp(`${folder()} cannot be read: EISDIR`));
  });

  it('means over the last 20 steps', () => {
    const nll = Float64Array.from({ length: 30 }, (_, i) => i);
    const metrics = { step: new Int32Array(30), nll, kl: nll.map(() => 1) };
    assert.equal(recentLoss(metrics), 20.5);
    assert.equal(recentLoss(metrics, 2), 1.5);
    assert.equal(lowestLoss(metrics), 10.5);
  });

  it('counts nothing of what was written in part, and writes it again', async () => {
    // 300 lines are more than may be written at once, 100 are not
    const program = `
      const { MetricsLog, metricsLines } = require('./runs/metricsLog.js');
      const log = new MetricsLog(${JSON.stringify(file())});
      const lines = (first, count) => metricsLines(first, Array(count).fill(1 / 3), Array(count).fill(1 / 3));
      (async () => {
        await log.append(lines(1, 100));
        await log.append(lines(101, 900)).catch((error) => process.stdout.write(error.code));
        await log.append(lines(101, 10));
      })();`;
    assert.equal(await runLimited(program), 'E_FILE');
    assert.deepEqual(
      steps(),
      Array.from({ length: 110 }, (_, i) => i + 1),
    );
    assert.equal(readFileSync(file(), 'utf8').split('\n').length, 111);
  });
});
