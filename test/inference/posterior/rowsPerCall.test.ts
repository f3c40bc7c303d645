import assert from 'node:assert/strict';
import { rowsPerCall } from '../../../lib/inference/posterior/rowsPerCall';

describe('posterior: rows of a call', () => {
  const dear = { draws: 4e8, row: 8e4 }; // an MLP: drawing its weights is most of the work
  const cheap = { draws: 2e8, row: 3e7 }; // a transformer: a row is

  it('are all, where they are few', () => {
    for (const rows of [1, 70, 512]) assert.equal(rowsPerCall(rows, dear), rows);
  });

  it('are many where draws are dear, and few where rows take memory', () => {
    assert.equal(rowsPerCall(100_000, dear), 8192);
    assert.equal(rowsPerCall(100_000, cheap), 32);
    assert.equal(rowsPerCall(300, cheap), 32);
    assert.equal(rowsPerCall(10, { draws: 0, row: 1e12 }), 1);
  });

  it('are a power of two that wastes little', () => {
    assert.equal(rowsPerCall(2000, dear), 2048);
    assert.equal(rowsPerCall(2100, { draws: 1, row: 1e4 }), 512); // 2560 rows; with 2048 they were 4096
  });
});
