import assert from 'node:assert/strict';
import { augmentationUniforms, streamKey } from '../lib/streams';
import { foldIn, threefry2x32 } from '../lib/threefry';

const KEY = streamKey(5, 'augmentation');
const numbers = (step: number, group: number, first: number, count: number, uniforms = 3): Float32Array =>
  augmentationUniforms(KEY, step, group, { uniforms, first, count });

describe('streams: numbers for augmentations', () => {
  it('are those of the key of step and group, with the place in the batch and the block for counter', () => {
    const key = foldIn(foldIn(KEY, 2), 1);
    const words = [threefry2x32(key, [9, 0]), threefry2x32(key, [9, 1])].flat();
    assert.deepEqual(
      [...numbers(2, 1, 9, 1)],
      words.slice(0, 3).map((word) => Math.floor(word / 256) / 2 ** 24),
    );
  });

  it('depend on the place in the whole batch, not on how it is cut', () => {
    const whole = numbers(4, 0, 0, 20);
    assert.deepEqual([...numbers(4, 0, 0, 7), ...numbers(4, 0, 7, 13)], [...whole]);
    assert.notDeepEqual(numbers(4, 1, 0, 20), whole);
    assert.notDeepEqual(numbers(5, 0, 0, 20), whole);
  });

  it('are uniform on [0, 1), also in single precision', () => {
    const values = numbers(0, 0, 0, 20000, 5);
    assert.ok(values.every((value) => value >= 0 && value < 1));
    const bins = new Array<number>(64).fill(0);
    for (const value of values) bins[Math.floor(64 * value)]!++;
    const expected = values.length / 64;
    const chiSquare = bins.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    // quantiles 0.0005 and 0.9995 of the chi-square distribution with 63 degrees of freedom
    assert.ok(chiSquare > 32 && chiSquare < 107, `chi-square ${chiSquare}`);
    assert.equal(new Set(numbers(0, 0, 0, 100)).size, 300);
  });
});
