import assert from 'node:assert/strict';
import type { CredenceErrorCode } from '../../lib/errors';
import { vi } from '../../lib/inference/vi';
import { dense } from '../../lib/layers';
import { sequential } from '../../lib/layers/sequential';
import { activeRuns } from '../../lib/runs/registry';
import { scaling, type ScalingOptions } from '../../lib/scaling';
import { play, TestHost } from '../host';
import { BATCH, clouds, ENDLESS, fitClouds } from '../problems';
import { until } from '../wait';

const measure = (given: Partial<ScalingOptions<'classification'>> & Record<string, unknown> = {}) =>
  scaling(clouds.model, clouds.train, {
    likelihood: clouds.likelihood,
    batchSize: BATCH,
    memory: false,
    ...given,
  });

const small = { workers: [1, 2], samples: [6, 12], steps: 4, repeats: 2 };

describe('scaling', () => {
  it('measures every combination, each as often as asked', async () => {
    const result = await measure({ ...small, strategies: ['sample', 'data'] });
    assert.deepEqual(
      result.cells.map(({ workers, samples, mesh }) => [samples, workers, mesh.data]),
      [
        [6, 1, 1],
        [6, 2, 1],
        [6, 2, 2],
        [12, 1, 1],
        [12, 2, 1],
        [12, 2, 2],
      ],
    );
    for (const { seconds, stepsPerSecond, range, times, communication, energyPerSample } of result.cells) {
      assert.equal(seconds.length, 2);
      assert.ok(seconds.every((value) => value > 0 && value < 10));
      assert.ok(range[0] <= stepsPerSecond && stepsPerSecond <= range[1]);
      assert.ok(times.compute > 0 && times.exchange >= 0 && times.wait >= 0, JSON.stringify(times));
      assert.ok(communication >= 0 && communication < 1);
      assert.ok(energyPerSample > 0);
    }
    assert.deepEqual(
      [result.strong, result.weak].map((curves) =>
        curves.map(({ strategy, samples }) => [strategy, samples]),
      ),
      [
        [
          ['sample', 6],
          ['sample', 12],
          ['data', 6],
          ['data', 12],
        ],
        [
          ['sample', 6],
          ['data', 6],
        ],
      ],
    );
    assert.deepEqual(activeRuns(), []);
    assert.ok(result.figures().length >= 4);
  });

  it('measures hybrids of four workers, and memory, which grows with the samples of a call', async () => {
    const { cells } = await measure({
      workers: [1, 2, 4],
      samples: [6],
      strategies: ['hybrid'],
      steps: 2,
      repeats: 1,
      memory: false,
    });
    assert.deepEqual(
      cells.map(({ mesh }) => mesh),
      [
        { sample: 1, data: 1 },
        { sample: 2, data: 2 },
      ],
    );
    const wide = sequential([dense({ units: 512 }), dense({ units: 512 }), dense({ units: 2 })]);
    const given = { likelihood: clouds.likelihood, batchSize: 60, workers: [1], samples: [64] };
    const peak = async (samplesPerCall: number): Promise<number | null> => {
      const result = await scaling(wide, clouds.train, { ...given, steps: 1, repeats: 1, samplesPerCall });
      return result.cells[0]!.memory;
    };
    const [few, all] = [await peak(2), await peak(64)];
    if (process.platform !== 'linux') return assert.equal(few, null);
    // 62 more samples of a layer's weights, of what they are multiplied with, and of their gradients
    assert.ok(all! - few! > 62 * 4 * 512 * 512, `${few} and ${all} bytes`);
  });

  it('takes the method for each number of samples', async () => {
    const asked: number[] = [];
    const method = (samples: number) => {
      asked.push(samples);
      return vi({ samples, estimator: 'weights' });
    };
    await measure({ workers: [1], samples: [6, 3, 6], strategies: ['sample'], steps: 1, repeats: 1, method });
    assert.deepEqual(asked, [3, 6, 3, 6]); // each once in the round that warms up, and once in that which counts
  });

  const refused: [says: RegExp, code: CredenceErrorCode, given: Record<string, unknown>][] = [
    [/option 'workers\.0' must be a whole number of at least 1, got 0/, 'E_OPTION', { workers: [0] }],
    [/option 'workers' must be a list of whole numbers, such as \[1, 2\], got 2/, 'E_OPTION', { workers: 2 }],
    [/option 'samples' must have at least one entry/, 'E_OPTION', { samples: [] }],
    [/must be a list of 'sample', 'data' and 'hybrid', got "data"/, 'E_OPTION', { strategies: 'data' }],
    [/option 'steps' must be a whole number of at least 1, got 0/, 'E_OPTION', { steps: 0 }],
    [/option 'repeats'/, 'E_OPTION', { repeats: 1.5 }],
    [/option 'method' must be a function of the number of samples/, 'E_OPTION', { method: vi() }],
    [/'devices' is what is measured: give workers, as in/, 'E_OPTION', { devices: 2 }],
    [/'epochs' is what is measured: give steps/, 'E_OPTION', { epochs: 3 }],
    [/4 workers cannot share 2 samples/, 'E_OPTION', { workers: [1, 4], samples: [2] }],
    [/fit: unknown option 'batchsize'. Did you mean 'batchSize'/, 'E_OPTION', { batchsize: 3 }],
  ];
  for (const [says, code, given] of refused) {
    it(`refuses ${JSON.stringify(given)}`, async () => {
      await assert.rejects(measure(given), { name: 'CredenceError', code, message: says });
      assert.deepEqual(activeRuns(), []);
    });
  }

  it('refuses to measure while something else trains', async () => {
    const run = fitClouds({ epochs: ENDLESS });
    try {
      await assert.rejects(measure(small), { code: 'E_RUN', message: /scaling: .* would disturb the times/ });
      assert.ok(run.active);
    } finally {
      run.stop();
      await run.done;
    }
  });

  it('ends when the notebook is interrupted, and leaves nothing running', async () => {
    const host = new TestHost();
    const leave = play(host);
    try {
      const measured = measure({ ...small, steps: 1e6 });
      const ended = assert.rejects(measured, { code: 'E_RUN', message: /before it was done/ });
      await until(() => activeRuns().some(({ step }) => step > 1));
      host.interrupt();
      await ended;
      assert.deepEqual(activeRuns(), []);
      assert.equal(host.listeners, 0);
    } finally {
      leave();
    }
  });
});
