import assert from 'node:assert/strict';
import { reliabilityFigure } from '../../lib/figures/reliability';
import { reliabilityBins } from './examples';

describe('reliabilityFigure', () => {
  const bins = [
    { lower: 0, upper: 0.5, count: 0, confidence: null, accuracy: null },
    { lower: 0.5, upper: 0.75, count: 20, confidence: 0.6, accuracy: 0.8 },
    { lower: 0.75, upper: 1, count: 80, confidence: 0.9, accuracy: 0.7 },
  ];

  it('draws accuracy, the gap to the confidence, and the histogram below', () => {
    const { data, layout } = reliabilityFigure(bins);
    const [accuracy, gap, counts, diagonal] = data;
    assert.deepEqual(
      [accuracy?.x, accuracy?.y],
      [
        [0.625, 0.875],
        [0.8, 0.7],
      ],
    );
    assert.deepEqual(gap?.y, [-0.2, 0.2]);
    assert.deepEqual(gap?.type === 'bar' && gap.base, [0.8, 0.7]);
    assert.deepEqual([counts?.y, counts?.yaxis], [[0.2, 0.8], 'y2']);
    assert.deepEqual(
      [diagonal?.x, diagonal?.y],
      [
        [0, 1],
        [0, 1],
      ],
    );
    assert.ok(layout.yaxis!.domain![0] > layout.yaxis2!.domain![1]);
  });

  it('draws the means of accuracy and confidence in the histogram', () => {
    const [, , , , accuracy, confidence] = reliabilityFigure(bins).data;
    assert.deepEqual([accuracy?.x, accuracy?.y, accuracy?.yaxis], [[0.72, 0.72], [0, 0.8], 'y2']);
    assert.deepEqual([confidence?.x, confidence?.name], [[0.84, 0.84], 'mean confidence']);
    assert.equal(reliabilityFigure(bins.slice(0, 1)).data.length, 4);
  });

  it('has the expected calibration error in title and description', () => {
    const { title, description } = reliabilityFigure(bins);
    assert.equal(title, 'Calibration: ECE 0.200');
    assert.equal(
      description,
      'Reliability diagram of 100 predictions: expected calibration error 0.200, mean confidence 84 %, accuracy 72 %.',
    );
  });

  it('tells each bin on hover', () => {
    const [accuracy] = reliabilityFigure(bins).data;
    assert.equal(
      accuracy?.hovertext?.[0],
      'confidence 0.50 to 0.75, mean 0.600\naccuracy 0.800\n20 predictions',
    );
  });

  it('leaves empty bins out, also all of them', () => {
    assert.equal(reliabilityFigure(reliabilityBins).data[0]?.x.length, 9);
    assert.match(reliabilityFigure(bins.slice(0, 1)).description, /no predictions yet/);
  });
});
