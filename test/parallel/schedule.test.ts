import assert from 'node:assert/strict';
import { callCount, epochEnd, partition, shardOf, shareOut } from '../../lib/parallel/plan/schedule';

describe('parallel: who computes what', () => {
  it('cuts a number into ranges as even as it gets, and loses none', () => {
    assert.deepEqual(partition(7, 3), [
      { first: 0, count: 3 },
      { first: 3, count: 2 },
      { first: 5, count: 2 },
    ]);
    for (let total = 0; total < 20; total++) {
      for (let parts = 1; parts < 8; parts++) {
        const ranges = partition(total, parts);
        let next = 0;
        for (const { first, count } of ranges) {
          assert.equal(first, next);
          next += count;
        }
        assert.equal(next, total);
        const counts = ranges.map(({ count }) => count);
        assert.ok(Math.max(...counts) - Math.min(...counts) <= 1);
      }
    }
  });

  it('gives every pair of a sample and a datum to exactly one call of one worker', () => {
    for (const [sample, data] of [
      [1, 1],
      [2, 1],
      [1, 3],
      [2, 2],
      [3, 2],
    ] as const) {
      for (const [groups, samplesPerCall] of [
        [1, 9],
        [1, 2],
        [3, 9],
        [4, 1],
      ] as const) {
        const work = { samples: 7, batch: 10, groups, samplesPerCall };
        const shares = shareOut({ sample, data }, work);
        assert.deepEqual(
          shares.map(({ rank }) => rank),
          Array.from({ length: sample * data }, (_, i) => i),
        );
        const seen = new Set<string>();
        for (const { rows, calls } of shares) {
          for (const call of calls) {
            assert.ok(call.count >= 1 && call.count <= samplesPerCall);
            for (let s = call.first; s < call.first + call.count; s++) {
              for (let b = rows.first; b < rows.first + rows.count; b++) {
                assert.ok(!seen.has(`${s} ${b}`));
                seen.add(`${s} ${b}`);
              }
            }
          }
        }
        assert.equal(seen.size, 7 * 10);
      }
    }
  });

  it('puts a sample into the same group of augmented data on every mesh', () => {
    const want = [0, 0, 1, 1, 2, 2, 3, 3];
    for (const sample of [1, 2, 3, 8]) {
      const shares = shareOut({ sample, data: 1 }, { samples: 8, batch: 4, groups: 4, samplesPerCall: 8 });
      const groups = new Array<number>(8);
      for (const { calls } of shares)
        for (const { first, count, group } of calls) groups.fill(group, first, first + count);
      assert.deepEqual(groups, want);
    }
  });

  it('knows the step with which an epoch ends, also where epochs are no whole steps', () => {
    const ends = (rows: number, batch: number, most: number): number[] =>
      Array.from({ length: most + 1 }, (_, step) => epochEnd(step, rows, batch));
    assert.deepEqual(ends(60, 20, 7), [3, 3, 3, 3, 6, 6, 6, 9]);
    assert.deepEqual(ends(7, 2, 8), [4, 4, 4, 4, 7, 7, 7, 7, 11]); // epochs of 3.5 steps
    assert.deepEqual(ends(5, 5, 3), [1, 1, 2, 3]);
  });

  it('numbers the calls that see the same data', () => {
    const shares = shareOut({ sample: 2, data: 2 }, { samples: 6, batch: 4, groups: 1, samplesPerCall: 2 });
    assert.equal(callCount(shares), 4);
    assert.deepEqual(
      shares.map(({ firstCall }) => firstCall),
      [0, 2, 0, 2],
    );
  });

  it('cuts vectors into shards that begin at multiples of 64 bytes', () => {
    for (const length of [0, 1, 31, 32, 33, 1000, 4096, 269_322]) {
      for (const workers of [1, 2, 3, 4, 6]) {
        let next = 0;
        for (let rank = 0; rank < workers; rank++) {
          const { first, count } = shardOf(length, workers, rank);
          assert.equal(first, next);
          assert.ok(count === 0 || first % 32 === 0);
          next += count;
        }
        assert.equal(next, length);
      }
    }
  });
});
