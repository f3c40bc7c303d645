import assert from 'node:assert/strict';
import { ndarray } from '../lib/ndarray';
import { refuses } from './refuses';

describe('ndarray', () => {
  it('gives an array a shape, without copying it', () => {
    const values = new Float32Array(6);
    const shaped = ndarray(values, [2, 3]);
    assert.deepEqual(shaped.shape, [2, 3]);
    assert.equal(shaped.buffer, values.buffer);
  });

  it('leaves an array that has a shape as it is, and gives a view of it', () => {
    const image = ndarray(new Float32Array(6), [2, 3]);
    const row = ndarray(image, [6]);
    assert.deepEqual([image.shape, row.shape], [[2, 3], [6]]);
    row[4] = 7;
    assert.equal(image[4], 7);
  });

  it('refuses a shape of another size', () => {
    refuses(() => ndarray(new Float32Array(6), [2, 2]), 'E_SHAPE', /needs 4 values, but the array has 6/);
  });
});
