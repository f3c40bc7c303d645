import assert from 'node:assert/strict';
import { bandFigure } from '../../lib/figures/band';
import type { Coordinate } from '../../lib/figures/wire/plotly';
import type { Figure } from '../../lib/figures/wire/messages';
import { bandExample, seriesExample } from './examples';

const named = ({ data }: Figure, name: string) => data.filter((trace) => trace.name?.startsWith(name));

function near(actual: readonly Coordinate[] | undefined, expected: readonly (number | null)[]): void {
  assert.equal(actual?.length, expected.length);
  expected.forEach((value, i) => {
    if (value === null) assert.equal(actual?.[i], null);
    else
      assert.ok(Math.abs((actual?.[i] as number) - value) < 1e-4, `[${i}]: ${actual?.[i]} is not ${value}`);
  });
}

describe('bandFigure', () => {
  /** 95 % of a normal distribution lie within 1.95996 standard deviations. */
  const z = 1.95996;

  it('turns standard deviations into the edges of normal intervals', () => {
    const figure = bandFigure({ x: [0, 1], mean: [1, 2], total: [1, 0.5] }, { levels: [0.95] });
    const [band] = named(figure, 'total');
    assert.deepEqual(band?.x, [0, 1, 1, 0]);
    near(band?.y, [1 - z, 2 - z / 2, 2 + z / 2, 1 + z]);
    assert.deepEqual(named(figure, 'mean')[0]?.y, [1, 2]);
  });

  it('draws the total only outside of the epistemic band', () => {
    const figure = bandFigure(
      { x: [0, 1], mean: [0, 0], epistemic: [1, 1], total: [2, 3] },
      { levels: [0.95] },
    );
    near(named(figure, 'epistemic')[0]?.y, [-z, -z, z, z]);
    near(named(figure, 'total')[0]?.y, [z, z, 3 * z, 2 * z, null, -z, -z, -3 * z, -2 * z]);
  });

  it('draws the parts of the uncertainty below, where they are given', () => {
    const band = { x: [1, 0], mean: [0, 0], total: [1, 1] };
    const parts = { aleatoric: [3, 4], epistemic: [1, 2] };
    const figure = bandFigure({ ...band, parts }, { yTitle: 'load' });
    const [noise] = named(figure, 'aleatoric std');
    const [model] = named(figure, 'epistemic std');
    assert.deepEqual([noise?.x, noise?.y, noise?.yaxis], [[0, 1], [4, 3], 'y2']);
    assert.deepEqual(model?.y, [2, 1]);
    assert.ok(figure.layout.yaxis!.domain![0] > figure.layout.yaxis2!.domain![1]);
    assert.match(figure.description, /on average: aleatoric 3\.5, epistemic 1\.5\.$/);
    assert.equal(bandFigure(band).layout.yaxis2, undefined);
    const short = { ...parts, aleatoric: [1] };
    assert.throws(() => bandFigure({ ...band, parts: short }), {
      code: 'E_SHAPE',
      message: /aleatoric has 1/,
    });
  });

  it('nests the levels, widest first, under one legend entry', () => {
    const figure = bandFigure({ x: [0], mean: [0], total: [1] }, { levels: [0.5, 0.9] });
    const bands = named(figure, 'total');
    near(bands[0]?.y, [-1.64485, 1.64485]);
    near(bands[1]?.y, [-0.67449, 0.67449]);
    assert.deepEqual(
      bands.map(({ name, showlegend }) => [name, showlegend]),
      [
        ['total 50, 90 %', true],
        ['total 50, 90 %', false],
      ],
    );
  });

  it('draws given intervals as they are', () => {
    const total = [{ level: 0.9, lower: [-1], upper: [4] }];
    near(named(bandFigure({ x: [0], mean: [0], total }), 'total 90 %')[0]?.y, [-1, 4]);
  });

  it('sorts by x', () => {
    const figure = bandFigure({ x: [2, 0, 1], mean: [12, 10, 11], total: [1, 1, 1] });
    assert.deepEqual(named(figure, 'mean')[0]?.y, [10, 11, 12]);
  });

  it('keeps milliseconds on a time axis exact', () => {
    const { data, layout } = seriesExample();
    assert.equal(layout.xaxis?.type, 'date');
    assert.equal(data.find(({ name }) => name === 'mean')?.x[1], Date.UTC(2018, 5, 20, 1));
  });

  it('bounds the points and keeps the widest place', () => {
    const length = 50_000;
    const x = Array.from({ length }, (_, i) => i);
    const total = new Float32Array(length).fill(1);
    total[31_234] = 100;
    const figure = bandFigure(
      { x, mean: new Float32Array(length), total },
      { levels: [0.95], data: { x, y: total } },
    );
    const [band] = named(figure, 'total');
    assert.ok(band!.x.length <= 500);
    assert.ok(band!.x.includes(31_234));
    assert.match(named(figure, 'data')[0]!.name!, /^data \(\d+ of 50000\)$/);
    assert.ok(JSON.stringify(figure).length < 100_000);
  });

  it('describes the widths', () => {
    const figure = bandFigure({ x: [0], mean: [0], epistemic: [1], total: [2] }, { levels: [0.95] });
    assert.equal(
      figure.description,
      'Predictive mean at 1 points with a 95 % interval that is 7.84 wide on average; the epistemic part alone, at 95 %, is 3.92 wide.',
    );
    assert.match(bandExample().description, /53 observations are drawn\.$/);
    assert.match(bandFigure({ x: [], mean: [], total: [] }).description, /no prediction yet/);
  });

  it('refuses arrays of different lengths', () => {
    assert.throws(() => bandFigure({ x: [0, 1], mean: [0], total: [1] }), /x has 2 values, but mean has 1/);
    assert.throws(() => bandFigure({ x: [0], mean: [0], total: [1, 2] }), /mean has 1 values, but std has 2/);
  });
});
