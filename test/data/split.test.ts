import assert from 'node:assert/strict';
import * as data from '../../lib/data';
import { refuses } from '../refuses';

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe('data.split', () => {
  const all = data.dataset(
    range(50).map((i) => [i, -i]),
    range(50),
  );

  it('holds out a share of the rows, each row on one side, in order', () => {
    const { train, test } = data.split(all, { test: 0.3, seed: 4 });
    assert.deepEqual([train.x.shape, test.x.shape, test.y.shape], [[35, 2], [15, 2], [15]]);
    assert.deepEqual(
      [...train.y, ...test.y].sort((a, b) => a - b),
      range(50),
    );
    for (const { x, y } of [train, test]) {
      assert.deepEqual(
        [...y],
        [...y].sort((a, b) => a - b),
      );
      y.forEach((row, i) => assert.deepEqual([...x.subarray(2 * i, 2 * i + 2)], [row, -row]));
    }
  });

  it('holds out the same rows for a seed, others for another, and any row at times', () => {
    const held = (seed: number) => [...data.split(all, { seed }).test.y];
    assert.deepEqual(held(1), held(1));
    assert.notDeepEqual(held(1), held(2));
    assert.equal(held(1).length, 10);
    // 200 draws of 10 of 50: each row is held out 40 times, with a standard deviation of 5.7
    const times = new Float64Array(50);
    for (let seed = 0; seed < 200; seed++) for (const row of held(seed)) times[row]!++;
    assert.ok(
      times.every((count) => count > 15 && count < 65),
      times.join(),
    );
  });

  it('holds out the same share of every class', () => {
    const labels = Int32Array.from({ length: 100 }, (_, i) => (i < 60 ? 5 : i < 90 ? 2 : 7));
    const { train, test } = data.split(data.dataset(range(100), labels), { test: 0.3, stratify: true });
    const counts = (y: ArrayLike<number>) =>
      [5, 2, 7].map((label) => Array.from(y).filter((each) => each === label).length);
    assert.deepEqual(
      [counts(train.y), counts(test.y)],
      [
        [42, 21, 7],
        [18, 9, 3],
      ],
    );
    assert.ok(train.y instanceof Int32Array);
  });

  it('refuses shares that leave nothing, and targets without classes', () => {
    refuses(() => data.split(all, { test: 0.001 }), 'E_OPTION', /0 of 50 rows would be held out, got 0\.001/);
    refuses(() => data.split(all, { test: 1 }), 'E_OPTION', /'test' must be a number between 0 and 1/);
    refuses(
      () => data.split(all, { stratify: true }),
      'E_DATA',
      /an Int32Array of shape \[N\], got Float32Array of shape \[50\]/,
    );
    refuses(() => data.split(all, { share: 0.1 } as never), 'E_OPTION', /unknown option 'share'/);
  });
});
