import assert from 'node:assert/strict';
import { fitFigure } from '../../lib/figures/scaling/scalingFit';
import { refuses } from '../refuses';

const point = (measured: number, modelled: number) => ({ measured, modelled, label: 'sample 2' });

describe('fitFigure', () => {
  const figure = fitFigure([
    { name: 'samples shared', points: [point(0.01, 0.011), point(0.1, 0.097)] },
    { name: 'data shared', points: [point(0.2, 0.2)] },
  ]);

  it('draws modelled over measured milliseconds, and their relative errors below', () => {
    const own = figure.data.filter(({ name }) => name === 'samples shared');
    assert.deepEqual(
      own.map(({ yaxis, x, y }) => [yaxis, x, y]),
      [
        ['y', [10, 100], [11, 97]],
        ['y2', [10, 100], [0.1, -0.03]],
      ],
    );
    assert.match(
      own[0]!.hovertext![1]!,
      /^samples shared\nsample 2\n100 ms measured, 97 modelled \(-3\.0 %\)$/,
    );
    assert.deepEqual(figure.layout.yaxis2?.tickvals, [-0.1, 0, 0.1]);
  });

  it('is told in words', () => {
    assert.match(
      figure.description,
      /3 steps from 10 to 200 ms: samples shared: errors from -3\.0 % to 10\.0 %;/,
    );
  });

  it('refuses nothing to draw', () => refuses(() => fitFigure([]), 'E_DATA', /there is no measurement/));
});
