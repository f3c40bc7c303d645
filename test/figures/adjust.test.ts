import assert from 'node:assert/strict';
import { adjustable, adjusted, smooth, unadjusted } from '../../lib/figures/adjust';
import { lossFigure } from '../../lib/figures/loss';
import type { Figure } from '../../lib/figures/wire/messages';
import { allFigures, bandExample, lossHistory, speedupExample } from './examples';

describe('smooth', () => {
  it('is the debiased exponential moving average', () => {
    // by hand: s1 = 1 / 0.5 * 0.5 = 1; s2 = (0.25 * 1 + 0.5 * 3) / 0.75; s3 = (0.125 + 0.75 + 0.5 * 2) / 0.875
    assert.deepEqual(smooth([1, 3, 2], 0.5), [1, 1.75 / 0.75, 1.875 / 0.875]);
    assert.deepEqual(smooth([4, 1], 0), [4, 1]);
    for (const value of smooth(new Array<number>(50).fill(3), 0.99)) assert.ok(Math.abs(value - 3) < 1e-12);
  });

  it('passes over gaps, and leaves them', () => {
    assert.deepEqual(
      smooth([1, null, 1], 0.9).map((value) => value && Math.round(value * 1e9) / 1e9),
      [1, null, 1],
    );
  });
});

describe('adjusted', () => {
  const loss = lossFigure(lossHistory(100));

  it('leaves a figure of which nothing is asked as it is', () => {
    for (const figure of allFigures()) assert.deepEqual(adjusted(figure, unadjusted), figure);
  });

  it('draws the smoothed curve over the raw one, which stays faintly', () => {
    const { data } = adjusted(loss, { ...unadjusted, smoothing: 0.9 });
    assert.equal(data.length, 2 * 3 + 1, 'the validation points stay as they are');
    assert.deepEqual(data[6], loss.data[3]);
    const [faint, bold] = data;
    assert.deepEqual(faint?.y, loss.data[0]!.y);
    assert.ok(faint.type === 'scatter' && /rgba\(.*0\.3\)/.test(faint.line!.color!));
    assert.deepEqual([faint.showlegend, faint.hoverinfo], [false, 'skip']);
    assert.deepEqual(bold?.y, smooth(loss.data[0]!.y, 0.9));
    assert.equal(bold?.name, 'loss');
  });

  it('changes the scales that may be', () => {
    const figure: Figure = { ...loss, layout: { ...loss.layout, yaxis: { type: 'linear', range: [1, 2] } } };
    const { layout } = adjusted(figure, { ...unadjusted, logX: true, logY: true, legend: false });
    assert.deepEqual(
      layout.yaxis,
      { type: 'log', tickformat: '~g', nticks: 5 },
      'the range was of the other scale',
    );
    assert.equal(layout.xaxis?.type, 'log');
    assert.equal(layout.showlegend, false);
    assert.deepEqual(adjusted(figure, { ...unadjusted, logY: false }).layout.yaxis, figure.layout.yaxis);
  });

  it('offers what makes sense only', () => {
    assert.deepEqual(adjustable(loss), { smoothing: true, logX: true, logY: true, legend: true });
    const band = adjustable(bandExample()); // values below zero
    assert.deepEqual([band.smoothing, band.logX, band.logY], [false, false, false]);
    assert.equal(adjustable(speedupExample()).smoothing, false);
    const { data, layout } = adjusted(bandExample(), { ...unadjusted, smoothing: 0.9, logY: true });
    assert.deepEqual({ data, layout }, { data: bandExample().data, layout: bandExample().layout });
    const images = adjustable(allFigures()[3]!);
    assert.deepEqual([images.logX, images.logY], [false, false]);
  });
});
