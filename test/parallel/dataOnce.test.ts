import assert from 'node:assert/strict';
import { runScript } from '../child';

/** The most memory that a process had which trained on so many bytes of data, with so many workers. */
async function peakOnce(bytes: number, workers: number): Promise<number> {
  const rows = bytes / 4 / 1000; // wide ones: what a worker keeps for each row, its place in the order, counts little
  const program = `
    const { adam, fit, layers, likelihoods, ndarray, vi } = require('./index.js');
    const x = new Float32Array(${rows * 1000}).fill(0.5);
    const y = new Float32Array(${rows});
    const run = fit(layers.dense({ units: 1 }), { x: ndarray(x, [${rows}, 1000]), y: ndarray(y, [${rows}, 1]) }, {
      likelihood: likelihoods.gaussian(), method: vi({ samples: 4 }), batchSize: 40, epochs: 1,
      devices: ${workers}, strategy: 'sample', save: false,
    });
    run.onChange(() => run.step > 200 && run.stop());
    run.done.then(() => process.stdout.write(String(process.resourceUsage().maxRSS)));`;
  const { code, stdout, stderr } = await runScript(program);
  assert.deepEqual([code, stderr], [0, '']);
  return 1024 * Number(stdout);
}

/** The less of two: on a busy machine a buffer that is free may be given back late. */
const peakOf = async (bytes: number, workers: number): Promise<number> =>
  Math.min(await peakOnce(bytes, workers), await peakOnce(bytes, workers));

describe('parallel: the data', () => {
  it('are there once for all workers: none loads them, none has a copy', async () => {
    const [few, many] = [40e6, 400e6];
    // workers have memory of their own for their steps, which does not depend on the data
    const costOf = async (workers: number): Promise<number> =>
      (await peakOf(many, workers)) - (await peakOf(few, workers));
    const [one, four] = [await costOf(1), await costOf(4)];
    const copies = (four - one) / (many - few);
    assert.ok(Math.abs(copies) < 0.5, `${copies.toFixed(2)} copies more with four workers than with one`);
  });
});
