import assert from 'node:assert/strict';
import { gradientFigure, sigmaFigure, signalToNoiseFigure } from '../../lib/figures/layerHistograms';
import { pruningFigure } from '../../lib/figures/pruning';
import { refuses } from '../refuses';
import { draws } from './draws';

describe('figures of weights', () => {
  const layers = [
    { name: 'first', mean: [1, -2, 0], std: [0.1, 0.2, 0.5] },
    { name: 'second', mean: Float32Array.of(0.01), std: Float32Array.of(1) },
  ];

  it('signal to noise: an outline for each layer on a logarithmic axis, and where noise is as large as signal', () => {
    const { data, layout, description } = signalToNoiseFigure(layers);
    assert.deepEqual(
      data.map(({ name }) => name),
      ['first', 'second', 'as much noise as signal'],
    );
    const [first, second] = data;
    // from 0.01 to 10; both weights of the first layer that are not 0 are at 10, in the last bin
    assert.deepEqual([first?.x[0], first?.x.at(-1)], [0.01, 10]);
    assert.equal(Math.max(...(first?.y as number[])), 1);
    assert.deepEqual([first?.y.at(-2), second?.y[1], second?.y.at(-2)], [1, 1, 0]);
    assert.equal(layout.xaxis?.type, 'log');
    assert.match(description, /first: 3 weights, median 10, 33 % are 0; second: 1 weights, median 0\.01/);
  });

  it('counts what is smaller by many decades in the first bin', () => {
    const { data } = sigmaFigure([{ name: 'a', std: [1e-30, 1] }]);
    assert.deepEqual([data[0]?.x[0], data[0]?.y[1]], [1e-4, 0.5]);
  });

  it('has ticks that do not crowd', () => {
    const ticks = (...std: number[]) => sigmaFigure([{ name: 'a', std }]).layout.xaxis?.ticktext;
    assert.deepEqual(ticks(0.03, 0.7), ['0.05', '0.1', '0.2', '0.5']);
    assert.deepEqual(ticks(0.005, 30), ['0.01', '0.1', '1', '10']);
  });

  it('gradients: their sizes, whatever their sign', () => {
    const y = gradientFigure([{ name: 'a', values: [-1, 1, 0, NaN, 0.1] }]).data[0]!.y as number[];
    assert.ok(Math.abs(y.at(-2)! - 2 / 3) < 1e-6);
  });

  it('tell more layers apart than there are colours', () => {
    const many = Array.from({ length: 7 }, (_, i) => ({ name: `${i}`, std: [i + 1] }));
    const styles = sigmaFigure(many).data.map(
      (trace) => trace.type === 'scatter' && JSON.stringify(trace.line),
    );
    assert.equal(new Set(styles).size, 7);
  });

  it('fit the wire and a picture', () => {
    draws(signalToNoiseFigure(layers), 'first', 'second', 'as much noise as signal');
    draws(sigmaFigure(layers), 'standard deviation');
    draws(gradientFigure([{ name: 'only', values: [1, 2] }]), 'only');
  });

  it('refuse nothing, and arrays that do not go together', () => {
    refuses(() => sigmaFigure([]), 'E_DATA', /no weight/);
    refuses(() => gradientFigure([{ name: 'a', values: [0, NaN] }]), 'E_DATA', /no weight/);
    const wrong = [{ name: 'bad', mean: [1, 2], std: [1] }];
    refuses(() => signalToNoiseFigure(wrong), 'E_SHAPE', /bad: mean has 2 values, but std has 1/);
  });
});

describe('pruningFigure', () => {
  it('draws the score by rising share, beside that of all weights', () => {
    const { data, description } = pruningFigure({ removed: [0.5, 0, 0.975], score: [0.9, 0.92, 0.4] });
    const [all, left] = data;
    assert.deepEqual(
      [left?.x, left?.y],
      [
        [0, 0.5, 0.975],
        [0.92, 0.9, 0.4],
      ],
    );
    assert.deepEqual([all?.name, all?.y], ['all weights', [0.92, 0.92]]);
    assert.match(description, /0\.92 without 0 %, 0\.9 without 50 %, 0\.4 without 97\.5 %\.$/);
  });

  it('fits the wire and a picture', () =>
    draws(
      pruningFigure({ removed: [0, 0.5], score: [1, NaN] }, { score: 'accuracy' }),
      'accuracy',
      'what is left',
    ));

  it('refuses nothing, and lengths that differ', () => {
    refuses(() => pruningFigure({ removed: [], score: [] }), 'E_DATA', /no point/);
    refuses(() => pruningFigure({ removed: [0], score: [] }), 'E_SHAPE', /removed has 1 values/);
  });
});
