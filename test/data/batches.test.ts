import assert from 'node:assert/strict';
import { Batches } from '../../lib/data/batches';
import { keyOf } from '../../lib/threefry';

/** The rows of some steps, one after the other. */
function rowsOf(batches: Batches, batch: number, steps: readonly number[]): number[] {
  const rows = new Int32Array(batch);
  return steps.flatMap((step) => {
    batches.fill(rows, step);
    return Array.from(rows);
  });
}
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const sorted = (rows: number[]): number[] => [...rows].sort((a, b) => a - b);

describe('data: batches', () => {
  for (const [size, batch] of [
    [12, 4],
    [10, 4],
    [7, 7],
    [5, 1],
    [6, 5],
  ] as const) {
    it(`of ${batch} of ${size}: each datum once in every epoch, across the ends of epochs`, () => {
      const batches = new Batches(keyOf(1), size, batch);
      const rows = rowsOf(batches, batch, range(size)); // `batch` epochs
      for (let epoch = 0; epoch < batch; epoch++) {
        assert.deepEqual(sorted(rows.slice(epoch * size, (epoch + 1) * size)), range(size));
      }
    });
  }

  it('are in another order in every epoch and for every key', () => {
    const rows = rowsOf(new Batches(keyOf(1), 50, 50), 50, [0, 1]);
    const others = rowsOf(new Batches(keyOf(2), 50, 50), 50, [0]);
    const orders = [rows.slice(0, 50), rows.slice(50), others, range(50)].map(String);
    assert.equal(new Set(orders).size, 4);
  });

  it('are a function of key and step alone: all workers agree, and one may start in the middle', () => {
    const all = rowsOf(new Batches(keyOf(3), 10, 4), 4, range(9));
    assert.deepEqual(rowsOf(new Batches(keyOf(3), 10, 4), 4, range(9)), all);
    assert.deepEqual(rowsOf(new Batches(keyOf(3), 10, 4), 4, [6, 7]), all.slice(24, 32));
    assert.deepEqual(rowsOf(new Batches(keyOf(3), 10, 4), 4, [8, 2, 5]), [
      ...all.slice(32, 36),
      ...all.slice(8, 12),
      ...all.slice(20, 24),
    ]);
  });
});
