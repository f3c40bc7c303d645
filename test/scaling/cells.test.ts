import assert from 'node:assert/strict';
import { speedups } from '../../lib/figures/scaling/speedup';
import { type Cell, cellOf, curvesOf, type Place, placesOf } from '../../lib/scaling/cells';
import { paperScaling } from '../../lib/scaling/paper';
import { Scaling } from '../../lib/scaling/result';
import type { Turn } from '../../lib/scaling/turn';
import { displaySymbol } from '../../lib/host';

const energy = { unit: 'core s', name: 'Core-seconds', source: 'no counter' } as const;

const turn = (seconds: number, more: Partial<Turn> = {}): Turn => ({
  seconds,
  times: { compute: seconds, exchange: 0, wait: 0 },
  energy: 2 * seconds,
  ...more,
});

/** Cells whose steps take a time that is known. */
const cellsOf = (places: readonly Place[], seconds: (place: Place) => number): Cell[] =>
  places.map((place) => cellOf(place, [turn(seconds(place))]));

describe('what is measured of scaling', () => {
  it('is every number of workers with every number of samples, a lone worker once', () => {
    assert.deepEqual(
      placesOf([1, 2], [4, 8], ['sample', 'data']).map(({ mesh, workers, samples }) => [
        mesh.sample,
        mesh.data,
        workers,
        samples,
      ]),
      [
        [1, 1, 1, 4],
        [2, 1, 2, 4],
        [1, 2, 2, 4],
        [1, 1, 1, 8],
        [2, 1, 2, 8],
        [1, 2, 2, 8],
      ],
    );
  });

  it('is told by medians, the slowest and the fastest', () => {
    const place: Place = { mesh: { sample: 2, data: 1 }, workers: 2, samples: 4 };
    const cell = cellOf(place, [
      turn(0.5, { times: { compute: 3, exchange: 1, wait: 1 }, energy: 8 }),
      turn(0.25, { times: { compute: 2, exchange: 0.5, wait: 0.5 }, energy: 12 }),
      turn(0.2, { times: { compute: 1, exchange: 2, wait: 0 }, energy: 16 }),
    ]);
    assert.equal(cell.stepsPerSecond, 4);
    assert.deepEqual(cell.range, [2, 5]);
    assert.deepEqual(cell.times, { compute: 2, exchange: 1, wait: 0.5 });
    assert.ok(Math.abs(cell.communication - 1.5 / 3.5) < 1e-12);
    assert.equal(cell.energyPerSample, 3);
    assert.equal(cell.memory, null);
    assert.equal(cellOf(place, [turn(1)], 7).memory, 7);
  });

  it('is strong scaling at the same samples, weak scaling at the same samples of a worker', () => {
    const places = placesOf([1, 2, 4], [4, 8, 16], ['sample']);
    // a step takes S / W seconds and one for each worker beyond the first
    const cells = cellsOf(places, ({ samples, workers }) => samples / workers + workers - 1);
    const strong = curvesOf(cells, ['sample'], 'strong');
    assert.deepEqual(
      strong.map(({ samples }) => samples),
      [4, 8, 16],
    );
    assert.deepEqual(strong[1]!.points, [
      { workers: 1, seconds: [8] },
      { workers: 2, seconds: [5] },
      { workers: 4, seconds: [5] },
    ]);
    const weak = curvesOf(cells, ['sample'], 'weak');
    assert.deepEqual(
      weak.map(({ samples, points }) => [samples, points.map(({ workers }) => workers)]),
      [
        [2, [2, 4]],
        [4, [1, 2, 4]],
        [8, [1, 2]],
      ],
    );
    const efficiencies = speedups(weak[1]!.points, 'weak').map(({ efficiency }) => efficiency);
    assert.deepEqual(efficiencies, [1, 4 / 5, 4 / 7]);
  });

  it('has a lone worker in the curves of all strategies, and no curve of one point', () => {
    const cells = cellsOf(placesOf([1, 2], [4], ['sample', 'data']), ({ workers }) => workers);
    assert.deepEqual(
      curvesOf(cells, ['sample', 'data'], 'strong').map(({ strategy, points }) => [strategy, points.length]),
      [
        ['sample', 2],
        ['data', 2],
      ],
    );
    assert.deepEqual(curvesOf(cells, ['sample', 'data'], 'weak'), []);
  });
});

describe('a measurement of scaling', () => {
  const places = placesOf([1, 2], [4, 8], ['sample', 'data']);
  const cells = cellsOf(places, ({ samples, workers, mesh }) => (samples / workers + mesh.data - 1) / 100);
  const result = new Scaling(cells, ['sample', 'data'], energy);

  it('prints as a table, and says what it counts', () => {
    const text = String(result);
    assert.match(text, /^ +2 +samples +8 +25 +25 +25 +40 +0 +0 +- +10$/m);
    assert.match(text, /strong scaling, samples shared, S = 8: 1: 1 \(100 %\), 2: 2 \(100 %\)\.$/m);
    assert.match(text, /strong scaling, data shared, S = 8: 1: 1 \(100 %\), 2: 1\.6 \(80 %\)\.$/m);
    assert.match(text, /weak scaling, data shared, S = 4 a worker: 1: 1 \(100 %\), 2: 1\.6 \(80 %\)\.$/m);
    assert.match(text, /core ms\/sample/);
    assert.match(text, /^Cost: Core-seconds \(no counter\)\.$/m);
  });

  it('shows itself as figures, memory only where it is known', () => {
    const titles = (of: Scaling): string[] => of.figures().map(({ title }) => title);
    const all = ['Strong scaling', 'Weak scaling', 'Where the time goes', 'Core-seconds per sample'];
    assert.deepEqual(titles(result), all);
    const known = new Scaling(
      cells.map((cell) => ({ ...cell, memory: 2 ** 20 * cell.samples })),
      ['sample'],
      energy,
    );
    assert.deepEqual(titles(known), [...all.slice(0, 3), 'Memory of a worker', all[3]]);
    const memory = known.figures()[3]!;
    assert.deepEqual(memory.data[1]?.x, [8, 4]);
    const one = new Scaling(cells.slice(0, 1), ['sample'], energy);
    assert.deepEqual(titles(one), all.slice(2));
    const bundle = result[displaySymbol]();
    assert.equal(bundle['text/plain'], String(result));
    assert.match(bundle['image/svg+xml'] as string, /paper, GPUs: samples shared, S = 512/);
  });
});

describe('paperScaling', () => {
  it('has the speed-ups that the paper tells', () => {
    const { strong, weak } = paperScaling();
    const rounded = (values: readonly number[]): number[] =>
      values.map((value) => Math.round(100 * value) / 100);
    const [sample, data] = strong.map(({ points }) => speedups(points, 'strong').map(({ middle }) => middle));
    assert.deepEqual(rounded(sample!), [1, 1.97, 3.81, 7.08, 11.83]);
    assert.deepEqual(rounded(data!), [1, 1.99, 3.98, 7.95, 15.83]);
    const efficiencies = speedups(weak[0]!.points, 'weak').map(({ efficiency }) => efficiency);
    assert.deepEqual(rounded(efficiencies), [1, 0.99, 0.99, 0.99, 0.97]);
  });
});
