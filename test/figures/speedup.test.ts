import assert from 'node:assert/strict';
import { speedupFigure } from '../../lib/figures/scaling/speedup';

describe('speedupFigure', () => {
  const points = [
    { workers: 2, seconds: [5, 6, 4] },
    { workers: 1, seconds: [10] },
  ];

  it('draws median speed-up, its range and the ideal line', () => {
    const [ideal, measured] = speedupFigure(points).data;
    assert.deepEqual(
      [ideal?.x, ideal?.y],
      [
        [1, 2],
        [1, 2],
      ],
    );
    assert.deepEqual(
      [measured?.x, measured?.y],
      [
        [1, 2],
        [1, 2],
      ],
    );
    assert.ok(measured?.type === 'scatter');
    assert.deepEqual(measured.error_y?.array, [0, 0.5]);
    assert.ok(Math.abs(measured.error_y.arrayminus[1]! - (2 - 10 / 6)) < 1e-12);
  });

  it('labels each point with its efficiency', () => {
    const slow = speedupFigure([...points, { workers: 4, seconds: [4] }]);
    assert.deepEqual(
      slow.layout.annotations?.map(({ text }) => text),
      ['100 %', '100 %', '63 %'],
    );
    assert.match(slow.description, /2\.5 with 4 \(efficiency 63 %\)\.$/);
  });

  it('counts the grown work in weak scaling', () => {
    const [, measured] = speedupFigure(
      [
        { workers: 1, seconds: [10] },
        { workers: 4, seconds: [12.5] },
      ],
      { scaling: 'weak' },
    ).data;
    assert.deepEqual(measured?.y, [1, 3.2]);
  });

  it('starts from the fewest workers measured', () => {
    const [, measured] = speedupFigure([
      { workers: 2, seconds: [6] },
      { workers: 4, seconds: [3] },
    ]).data;
    assert.deepEqual(measured?.y, [2, 4]);
  });

  it('refuses missing and impossible times', () => {
    assert.throws(() => speedupFigure([]), /no measurement/);
    assert.throws(() => speedupFigure([{ workers: 1, seconds: [] }]), /got \[\] for 1 workers/);
    assert.throws(() => speedupFigure([{ workers: 1, seconds: [0] }]), /times must be above 0/);
  });
});
