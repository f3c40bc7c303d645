import assert from 'node:assert/strict';
import { scalingFigure } from '../../lib/figures/scaling/scalingCurves';
import { energyFigure } from '../../lib/figures/scaling/scalingEnergy';
import { memoryFigure } from '../../lib/figures/scaling/scalingMemory';
import { timeSplitFigure } from '../../lib/figures/scaling/scalingTimes';
import { refuses } from '../refuses';

const named = (figure: ReturnType<typeof scalingFigure>, name: string) =>
  figure.data.filter((trace) => trace.name === name);

describe('scalingFigure', () => {
  const own = {
    name: 'own',
    points: [
      { workers: 1, seconds: [10] },
      { workers: 2, seconds: [8, 5, 6] },
    ],
  };
  const paper = {
    name: 'paper',
    points: [1, 2, 4, 8].map((workers) => ({ workers, seconds: [16 / workers] })),
  };

  it('draws speed-up and efficiency, with the range of the repetitions', () => {
    const [speedup, efficiency] = named(scalingFigure([own], { scaling: 'strong' }), 'own');
    assert.deepEqual(
      [speedup?.x, speedup?.y],
      [
        [1, 2],
        [1, 1.66667],
      ],
    );
    assert.deepEqual(
      [efficiency?.yaxis, efficiency?.y, efficiency?.showlegend],
      ['y2', [1, 0.833333], false],
    );
    assert.ok(speedup?.type === 'scatter' && efficiency?.type === 'scatter');
    assert.ok(Math.abs(speedup.error_y!.array[1]! - (10 / 5 - 10 / 6)) < 1e-12);
    assert.ok(Math.abs(speedup.error_y!.arrayminus[1]! - (10 / 6 - 10 / 8)) < 1e-12);
    assert.ok(Math.abs(efficiency.error_y!.array[1]! - (10 / 5 - 10 / 6) / 2) < 1e-12);
  });

  it('counts the grown work in weak scaling', () => {
    const [speedup] = named(scalingFigure([own], { scaling: 'weak' }), 'own');
    assert.deepEqual(speedup?.y, [1, 3.33333]);
  });

  it('shows others faintly, on up to twice as many workers, and the ideal for all of them', () => {
    const figure = scalingFigure([own], { scaling: 'strong', references: [paper] });
    const [other] = named(figure, 'paper');
    assert.deepEqual(
      [other?.x, other?.y],
      [
        [1, 2, 4],
        [1, 2, 4],
      ],
    );
    assert.deepEqual(
      named(figure, 'ideal').map(({ y }) => y),
      [
        [1, 2, 4],
        [1, 1, 1],
      ],
    );
    assert.deepEqual(figure.layout.xaxis?.ticktext, ['1', '2', '4']);
    assert.match(
      figure.description,
      /own: 1 with 1 \(efficiency 100 %\), 1\.67 with 2 \(efficiency 83 %\)\.$/,
    );
    assert.doesNotMatch(figure.description, /paper/);
  });

  it('leaves room for what is better than ideal', () => {
    const fast = { name: 'own', points: [own.points[0]!, { workers: 2, seconds: [4] }] };
    const { layout } = scalingFigure([fast], { scaling: 'strong' });
    assert.ok(Math.abs(layout.yaxis2!.range![1] - 1.3) < 1e-12);
  });

  it('refuses to draw nothing', () => {
    refuses(() => scalingFigure([], { scaling: 'weak' }), 'E_DATA', /no measurement/);
    const wrong = { name: 'own', points: [{ workers: 1, seconds: [0] }] };
    refuses(() => scalingFigure([wrong], { scaling: 'weak' }), 'E_DATA', /above 0/);
  });
});

describe('timeSplitFigure', () => {
  const split = (group: string, compute: number, exchange: number, wait: number) => ({
    group,
    label: '2 data',
    compute,
    exchange,
    wait,
  });

  it('stacks the parts in milliseconds, groups apart, with the share that is not computing', () => {
    const { data, layout, description } = timeSplitFigure([
      split('S = 8', 0.006, 0.001, 0.003),
      split('S = 8', 0.01, 0, 0),
      split('S = 16', 0.02, 0.0125, 0.0175),
    ]);
    const [compute, exchange, wait] = data;
    assert.ok(compute?.type === 'bar' && exchange?.type === 'bar' && wait?.type === 'bar');
    assert.deepEqual(
      [compute.y, exchange.y, wait.y],
      [
        [6, 10, 20],
        [1, 0, 12.5],
        [3, 0, 17.5],
      ],
    );
    assert.deepEqual(
      [compute.base, exchange.base, wait.base],
      [
        [0, 0, 0],
        [6, 10, 20],
        [7, 10, 32.5],
      ],
    );
    assert.deepEqual(compute.x, [0, 1, 2.6]);
    assert.deepEqual(
      layout.annotations?.map(({ text, x }) => [text, x]),
      [
        ['40 %', 0],
        ['0 %', 1],
        ['60 %', 2.6],
        ['S = 8', 0.5],
        ['S = 16', 2.6],
      ],
    );
    assert.match(description, /S = 16, 2 data: 50 ms, 60 % not computing\.$/);
  });

  it('refuses to draw nothing', () => {
    refuses(() => timeSplitFigure([]), 'E_DATA', /needs bars/);
    refuses(() => timeSplitFigure([split('S = 8', 0, 0, 0)]), 'E_DATA', /above 0/);
  });
});

describe('memoryFigure', () => {
  it('draws MiB over the samples of a worker; what is not known is a gap', () => {
    const points = [
      { x: 8, y: 3 * 2 ** 20 },
      { x: 4, y: null },
    ];
    const { data, description, layout } = memoryFigure([{ name: 'own', points }]);
    assert.deepEqual(
      [data[0]?.x, data[0]?.y],
      [
        [8, 4],
        [3, null],
      ],
    );
    assert.deepEqual(layout.xaxis?.tickvals, [4, 8]);
    assert.match(description, /own: 3 MiB with 8, – MiB with 4\.$/);
    refuses(() => memoryFigure([]), 'E_DATA', /memory figure: there is no measurement/);
  });
});

describe('energyFigure', () => {
  const series = [{ name: 'own', points: [{ x: 2, y: 0.25 }] }];

  it('names energy, and what is none', () => {
    const joules = energyFigure(series, { unit: 'J', name: 'Energy of the processor', source: 'RAPL' });
    assert.equal(joules.title, 'Energy of the processor per sample');
    assert.match(joules.description, /own: 250 mJ with 2\.$/);
    const cores = energyFigure(series, { unit: 'core s', name: 'Core-seconds', source: 'no counter' });
    assert.equal(cores.title, 'Core-seconds per sample');
    assert.equal(cores.layout.yaxis?.title?.text, 'core ms (no counter)');
    assert.deepEqual(cores.data[0]?.y, [250]);
  });
});
