import assert from 'node:assert/strict';
import { displaySymbol } from '../../lib/host';
import { fitScaling, type MeasuredStep, paperEpochs, type StepCosts } from '../../lib/scaling';
import { costNames, countsOf, stepTime } from '../../lib/scaling/stepCosts';
import { refuses } from '../refuses';

const costs: StepCosts = {
  step: 2e-3,
  sample: 3e-4,
  row: 5e-5,
  sampleRow: 8e-6,
  load: 4e-4,
  insideHop: 6e-6,
  insideByte: 5e-11,
  betweenHop: 2e-5,
  betweenByte: 3e-10,
};
const cluster = { devicesPerNode: 4, bytes: 5e6, between: 'tree' } as const;
const zero = Object.fromEntries(costNames.map((name) => [name, 0])) as Record<keyof StepCosts, number>;

/** Steps of many meshes, samples and batches, as long as the model says. */
const steps = (costs: StepCosts): MeasuredStep[] =>
  [1, 2, 3, 4, 8, 16, 32].flatMap((devices) =>
    [
      { sample: devices, data: 1 },
      { sample: 1, data: devices },
    ].flatMap((mesh) =>
      [32, 128].flatMap((samples) =>
        [32, 256].map((batch) => {
          const place = { mesh, samples, batch };
          return { ...place, seconds: stepTime(costs, countsOf(place, cluster)).seconds };
        }),
      ),
    ),
  );

describe('the model of a step', () => {
  const place = { mesh: { sample: 4, data: 3 }, samples: 10, batch: 64 };

  it('counts what the worker with most to do pays for', () => {
    // 10 samples over 4 groups, 64 rows over 3; 4 devices of a node, then 3 nodes
    const counts = { step: 1, sample: 3, row: 22, sampleRow: 66, load: 22, insideHop: 6, insideByte: 7.5e6 };
    assert.deepEqual(countsOf(place, cluster), { ...counts, betweenHop: 4, betweenByte: (4 / 3) * 5e6 });
    const alone = { mesh: { sample: 1, data: 1 }, samples: 10, batch: 64 };
    const { insideHop, insideByte, betweenHop, betweenByte } = countsOf(alone, cluster);
    assert.deepEqual([insideHop, insideByte, betweenHop, betweenByte], [0, 0, 0, 0]);
    assert.equal(countsOf(place, { ...cluster, devicesPerNode: 1, between: 'ring' }).betweenHop, 22);
  });

  it('takes as long as its work, or as loading, whichever is longer', () => {
    const counts = countsOf(place, cluster);
    assert.deepEqual(stepTime({ ...zero, step: 1, sampleRow: 0.5, load: 1 }, counts), {
      seconds: 34,
      loading: false,
    });
    assert.deepEqual(stepTime({ ...zero, step: 1, load: 1 }, counts), { seconds: 22, loading: true });
  });
});

describe('fitScaling', () => {
  it('recovers the costs that times were made with: to 1e-4', () => {
    const fitted = fitScaling(steps(costs), { ...cluster });
    for (const name of costNames) {
      const off = fitted.costs[name] / costs[name] - 1;
      assert.ok(Math.abs(off) < 1e-4, `${name}: ${fitted.costs[name]} instead of ${costs[name]}`);
    }
    assert.ok(fitted.meanError < 1e-6);
    assert.ok(fitted.meanLeftOut < 1e-5);
  });

  it('recovers them to 10 % from times that are off by 1 %, those that matter', () => {
    const noisy = steps(costs).map((step, i) => ({
      ...step,
      seconds: step.seconds * (1 + 0.01 * Math.sin(7 * i)),
    }));
    const fitted = fitScaling(noisy, { ...cluster, known: { insideHop: 6e-6, betweenHop: 2e-5 } });
    for (const name of ['step', 'sample', 'sampleRow', 'load', 'betweenByte'] as const) {
      const off = fitted.costs[name] / costs[name] - 1;
      assert.ok(Math.abs(off) < 0.1, `${name}: ${fitted.costs[name]} instead of ${costs[name]}`);
    }
    assert.ok(fitted.meanError > 1e-3 && fitted.meanError < 0.01);
  });

  it('makes costs nothing that nobody pays', () => {
    const fitted = fitScaling(steps({ ...costs, sample: 0, betweenHop: 0 }), { ...cluster });
    assert.deepEqual([fitted.costs.sample, fitted.costs.betweenHop], [0, 0]);
    assert.ok(Math.abs(fitted.costs.step / costs.step - 1) < 1e-3);
  });

  const refused: [says: RegExp, call: () => unknown][] = [
    [/option 'bytes' is missing/, () => fitScaling(steps(costs), {} as never)],
    [/unknown option 'perNode'/, () => fitScaling(steps(costs), { bytes: 1, perNode: 4 } as never)],
    [
      /option 'between' must be 'ring' or 'tree'/,
      () => fitScaling(steps(costs), { bytes: 1, between: 'star' as never }),
    ],
    [/option 'known\.load' must be/, () => fitScaling(steps(costs), { bytes: 1, known: { load: -1 } })],
    [/steps: must have at least one entry/, () => fitScaling([], { bytes: 1 })],
    [
      /option '0\.seconds' must be a number above 0/,
      () => fitScaling([{ mesh: { sample: 1, data: 1 }, samples: 1, batch: 1, seconds: 0 }], { bytes: 1 }),
    ],
    [
      /step 0 has 2 samples for 4 groups/,
      () => fitScaling([{ mesh: { sample: 4, data: 1 }, samples: 2, batch: 1, seconds: 1 }], { bytes: 1 }),
    ],
  ];
  for (const [says, call] of refused) it(`refuses: ${says.source}`, () => refuses(call, 'E_OPTION', says));

  it('refuses times that do not tell costs apart, and names them', () => {
    const same = steps(costs).filter(({ batch, mesh }) => batch === 32 && mesh.data === 1);
    refuses(
      () => fitScaling(same, { ...cluster }),
      'E_DATA',
      /do not tell '.*step'.*: measure other samples/,
    );
    const one = steps(costs).filter(({ mesh }) => mesh.sample * mesh.data <= 4);
    refuses(() => fitScaling(one, { ...cluster }), 'E_DATA', /'betweenHop' is not paid in any/);
  });

  it('prints as a table, and shows itself as a figure', () => {
    const fitted = fitScaling(steps(costs), { ...cluster });
    assert.match(String(fitted), /^ +sample 8 +32 +256 +102 +102 +0\.0 % +0\.0 %$/m);
    assert.match(String(fitted), /^Seconds, found: step 0\.002, sample 0\.0003, row 5e-5, /m);
    const [figure] = fitted.figures();
    assert.match(figure!.description, /^Modelled over measured time of a step, 56 steps/);
    const bundle = fitted[displaySymbol]();
    assert.match(bundle['image/svg+xml'] as string, /data shared/);
    assert.equal(bundle['text/plain'], String(fitted));
  });
});

describe("the paper's table", () => {
  const epochs = paperEpochs();
  const stepsWith = (batchOf: (groups: number) => number): MeasuredStep[] =>
    epochs.map(({ mesh, samples, seconds }) => {
      const batch = batchOf(mesh.data);
      return { mesh, samples, batch, seconds: (seconds * batch) / 50_000 };
    });
  const given = {
    bytes: 4.96e6,
    devicesPerNode: 4,
    between: 'ring',
    known: { sample: 0, row: 0, insideHop: 0, betweenByte: 0 },
  } as const;

  it('has 41 rows, of which hybrids share samples out over the four GPUs of a node', () => {
    assert.equal(epochs.length, 41);
    assert.deepEqual(
      epochs
        .filter(({ samples, strategy }) => samples === 512 && strategy === 'hybrid')
        .map(({ mesh }) => mesh),
      [
        { sample: 4, data: 2 },
        { sample: 4, data: 4 },
      ],
    );
  });

  it('is fitted by five costs: mean error 0.5 % at most, 0.6 % of rows left out, 4 % at worst', () => {
    const { meanError, meanLeftOut, steps, found, costs } = fitScaling(
      stepsWith((groups) => 64 * groups),
      given,
    );
    assert.deepEqual(found, ['step', 'sampleRow', 'load', 'insideByte', 'betweenHop']);
    assert.ok(meanError < 0.005, String(meanError));
    assert.ok(meanLeftOut < 0.006, String(meanLeftOut));
    assert.ok(steps.every(({ error }) => Math.abs(error) < 0.04));
    // 782 steps of 64 rows: what sharing samples out cannot go below
    assert.ok(Math.abs(costs.load * 50_000 - 11.4) < 0.1);
  });

  it('is fitted worse by a batch that data groups share', () => {
    const known = { step: 0, sample: 0, insideHop: 0, betweenByte: 0 };
    assert.ok(
      fitScaling(
        stepsWith(() => 64),
        { ...given, known },
      ).meanError > 0.009,
    );
    assert.ok(
      fitScaling(
        stepsWith(() => 64),
        given,
      ).meanError > 0.04,
    );
  });
});
