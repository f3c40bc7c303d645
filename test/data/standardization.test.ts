import assert from 'node:assert/strict';
import { standardization } from '../../lib/data';
import { ndarray } from '../../lib/ndarray';

describe('data.standardization', () => {
  it('is the mean and deviation of each channel', () => {
    const x = ndarray(Float32Array.of(1, 10, 3, 10, 5, 30, 7, 30), [2, 2, 2]);
    assert.deepEqual(standardization(x), { mean: [4, 20], std: [Math.sqrt(5), 10] });
  });

  it('only centres a constant channel', () => {
    assert.deepEqual(standardization(ndarray(Float32Array.of(1, 7, 3, 7), [2, 2])), {
      mean: [2, 7],
      std: [1, 1],
    });
  });

  it('loses nothing over many values far from zero', () => {
    const values = Float32Array.from({ length: 1_000_000 }, (_, i) => 4096 + (i % 2));
    const { mean, std } = standardization(ndarray(values, [1_000_000, 1]));
    assert.ok(Math.abs(mean[0]! - 4096.5) < 1e-6 && Math.abs(std[0]! - 0.5) < 1e-6, `${mean[0]}, ${std[0]}`);
  });
});
