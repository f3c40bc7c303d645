import assert from 'node:assert/strict';
import { displaySymbol } from '../../lib/host';
import {
  predictScaling,
  type PredictScalingOptions,
  type ScalingStrategy,
  type StepCosts,
  type StepModel,
} from '../../lib/scaling';
import { refuses } from '../refuses';

const free: StepCosts = {
  step: 0,
  sample: 0,
  row: 0,
  sampleRow: 1e-5,
  load: 0,
  insideHop: 0,
  insideByte: 0,
  betweenHop: 0,
  betweenByte: 0,
};
const cluster = { devicesPerNode: 4, bytes: 1e6, between: 'tree' } as const;
const modelOf = (costs: Partial<StepCosts>): StepModel => ({ costs: { ...free, ...costs }, cluster });

function predict(costs: Partial<StepCosts>, more: Partial<PredictScalingOptions> = {}) {
  return predictScaling({ model: modelOf(costs), samples: [1024], batch: 1024, ...more }).predictions[0]!;
}

const of = (prediction: ReturnType<typeof predict>, strategy: ScalingStrategy) =>
  prediction.steps.filter((step) => step.strategy === strategy);

describe('predictScaling', () => {
  it('is ideal where nothing but samples on rows costs', () => {
    const { steps, alone, sampleStops } = predict({});
    assert.ok(Math.abs(alone - 1024 * 1024 * 1e-5) < 1e-9);
    assert.equal(of({ steps, alone, sampleStops, samples: 0, hybridFrom: null }, 'sample').length, 11);
    for (const { efficiency } of steps) assert.ok(Math.abs(efficiency - 1) < 1e-12);
    assert.equal(sampleStops, null);
  });

  it('says where sharing samples out uses less than half: where what is repeated outweighs what is shared', () => {
    const { steps, sampleStops } = predict({ step: 0.1 });
    const shared = 1024 * 1024 * 1e-5;
    for (const { devices, efficiency } of steps.filter(({ strategy }) => strategy === 'sample')) {
      assert.ok(Math.abs(efficiency - (shared + 0.1) / (shared + 0.1 * devices)) < 1e-12);
    }
    assert.equal(sampleStops, 128); // 63 % of 64, 45 % of 128
  });

  it('has a floor where rows must be loaded, which sharing data out lowers', () => {
    const prediction = predict({ load: 1e-3 });
    assert.equal(of(prediction, 'sample').at(-1)!.seconds, 1.024);
    assert.ok(of(prediction, 'data').at(-1)!.seconds < 0.011);
  });

  it('never gains by more costs, nor by a slower network; more samples never take less', () => {
    const seconds = (costs: Partial<StepCosts>, samples = 1024): number[] =>
      predict(costs, { samples: [samples], devices: [1, 2, 4, 16, 128] }).steps.map(({ seconds }) => seconds);
    const all = {
      step: 1e-3,
      sample: 1e-4,
      row: 1e-4,
      load: 1e-4,
      insideHop: 1e-6,
      insideByte: 1e-10,
      betweenHop: 1e-5,
      betweenByte: 1e-9,
    };
    const base = seconds(all);
    for (const name of Object.keys(all) as (keyof typeof all)[]) {
      const dearer = seconds({ ...all, [name]: 10 * all[name] });
      assert.ok(
        dearer.every((value, i) => value >= base[i]!),
        name,
      );
      assert.ok(
        dearer.some((value, i) => value > base[i]!),
        name,
      );
    }
    assert.ok(seconds(all, 2048).every((value, i) => value > base[i]!));
  });

  it('chooses the hybrid that balances what samples and what rows cost: P = sqrt(N sample S / (row B))', () => {
    const balanced = predict({ sample: 1e-3, row: 1e-3 }, { devices: [256] });
    assert.deepEqual(of(balanced, 'hybrid')[0]!.mesh, { sample: 16, data: 16 });
    const dearSamples = predict({ sample: 16e-3, row: 1e-3 }, { devices: [256] });
    assert.deepEqual(of(dearSamples, 'hybrid')[0]!.mesh, { sample: 64, data: 4 });
    assert.deepEqual(balanced.hybridFrom, { devices: 256, mesh: { sample: 16, data: 16 } });
  });

  it('gives each group a sample or a row at least', () => {
    const prediction = predict(
      { row: 1e-3 },
      { samples: [16], batch: 32, devices: [8, 16, 32, 64, 512, 1024] },
    );
    assert.deepEqual(
      of(prediction, 'sample').map(({ devices }) => devices),
      [8, 16],
    );
    assert.deepEqual(
      of(prediction, 'data').map(({ devices }) => devices),
      [8, 16, 32],
    );
    assert.deepEqual(of(prediction, 'hybrid').at(-1)!.mesh, { sample: 16, data: 32 });
    assert.equal(prediction.hybridFrom!.devices, 64);
  });

  it('lets batches grow with the data groups, up to the most, and epochs have fewer steps', () => {
    const costs = { step: 1e-3 };
    const batch = { perGroup: 64, most: 256 };
    const prediction = predict(costs, { batch, rows: 6400, devices: [1, 4, 8], samples: [8] });
    assert.deepEqual(
      of(prediction, 'data').map(({ devices, batch }) => [devices, batch]),
      [[4, 256]],
    );
    const step = 1e-3 + 8 * 64 * 1e-5;
    assert.ok(Math.abs(prediction.alone - 100 * step) < 1e-12);
    assert.ok(Math.abs(of(prediction, 'data')[0]!.seconds - 25 * step) < 1e-12);
    assert.deepEqual(of(prediction, 'hybrid').at(-1)!.mesh, { sample: 2, data: 4 });
  });

  it('marks what lies beyond the measurements', () => {
    const steps = [{ mesh: { sample: 4, data: 4 }, samples: 8, batch: 8, seconds: 1 }];
    const predicted = predictScaling({
      model: { ...modelOf({ step: 1e-3 }), steps },
      samples: [64],
      batch: 64,
      devices: [8, 16, 32],
    });
    assert.equal(predicted.measuredUpTo, 16);
    assert.deepEqual(
      of(predicted.predictions[0]!, 'sample').map(({ extrapolated }) => extrapolated),
      [false, false, true],
    );
    assert.match(String(predicted), /^ +32\* /m);
    const [figure] = predicted.figures();
    assert.ok(figure!.data.some(({ name }) => name === 'measured up to 16'));
  });

  it('prints as a table, and shows itself as a figure for each number of samples', () => {
    const predicted = predictScaling({
      model: modelOf({ step: 1e-3 }),
      samples: [16, 8],
      batch: 32,
      rows: 320,
    });
    assert.match(
      String(predicted),
      /^S = 8: sharing samples out uses less than half of 8 devices; from 64 devices/m,
    );
    assert.match(String(predicted), /^ +64\* +- +- +0\.0104 \(5 %\) +8 x 8$/m);
    assert.deepEqual(
      predicted.figures().map(({ title }) => title),
      ['Predicted speed-up, S = 8', 'Predicted speed-up, S = 16'],
    );
    assert.equal(predicted[displaySymbol]()['text/plain'], String(predicted));
  });

  const refused: [says: RegExp, given: Record<string, unknown>][] = [
    [/option 'samples' must have at least one entry/, { samples: [] }],
    [/option 'samples' must be a list of whole numbers/, { samples: 8 }],
    [/option 'batch' must be a whole number of at least 1, got 0/, { batch: 0 }],
    [/option 'batch' must be a whole number of at least 1, or \{ perGroup, most \}/, { batch: 'all' }],
    [/perGroup, most \} of such numbers, got an object/, { batch: { perGroup: 8 } }],
    [/option 'devices\.0' must be a whole number of at least 1, got 0/, { devices: [0] }],
    [/option 'model\.costs' is missing/, { model: {} }],
    [/option 'model\.costs\.step' must be/, { model: modelOf({ step: -1 }) }],
    [/unknown option 'device'. Did you mean 'devices'/, { device: [1] }],
  ];
  for (const [says, given] of refused) {
    it(`refuses: ${says.source}`, () => refuses(() => predict({}, given), 'E_OPTION', says));
  }
});
