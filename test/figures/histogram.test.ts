import assert from 'node:assert/strict';
import { binCounts, binEdges, binRange, binShares, outline } from '../../lib/figures/histogram';

describe('histograms', () => {
  it('cover all groups of values, also where they are all equal', () => {
    assert.deepEqual(binRange([[1, 3], [-2, NaN], []]), [-2, 3]);
    assert.deepEqual(binRange([[4, 4]]), [3.5, 4.5]);
    assert.deepEqual(binRange([[]]), [0, 1]);
    assert.deepEqual(binEdges([0, 2], 4), [0, 0.5, 1, 1.5, 2]);
  });

  it('count values by bin: an edge belongs to the bin above, the last one and what is beyond to the bin there', () => {
    assert.deepEqual(binCounts([0, 0.5, 0.99, 1, 2, -7, 9, NaN], [0, 2], 4), [2, 2, 1, 2]);
    assert.deepEqual(binShares([0, 0, 1, NaN], [0, 1], 2), [2 / 3, 1 / 3]);
    assert.deepEqual(binShares([], [0, 1], 2), [0, 0]);
  });

  it('have an outline that goes up, along and down', () => {
    assert.deepEqual(outline([0, 1, 2], [0.25, 0.75]), {
      x: [0, 0, 1, 1, 2, 2],
      y: [0, 0.25, 0.25, 0.75, 0.75, 0],
    });
  });
});
