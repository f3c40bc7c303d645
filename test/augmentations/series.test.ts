import assert from 'node:assert/strict';
import { jitter, scale } from '../../lib/augmentations';
import { ndarray, sizeOf } from '../../lib/ndarray';
import { refuses } from '../refuses';
import { augment, counted } from './augment';

const ones = (shape: number[]) => ndarray(new Float32Array(sizeOf(shape)).fill(1), shape);

/** Fails unless the first four moments are those of a standard normal, to 5 standard errors. */
function assertNormal(values: readonly number[]): void {
  const n = values.length;
  for (const [power, moment, variance] of [
    [1, 0, 1],
    [2, 1, 2],
    [3, 0, 15],
    [4, 3, 96],
  ] as const) {
    const got = values.reduce((sum, value) => sum + value ** power, 0) / n;
    assert.ok(Math.abs(got - moment) < 5 * Math.sqrt(variance / n), `moment ${power}: ${got}, not ${moment}`);
  }
}

/** Fails unless numbers are uncorrelated, to 5 standard errors. */
function assertUncorrelated(pairs: readonly (readonly [number, number])[]): void {
  const mean = pairs.reduce((sum, [a, b]) => sum + a * b, 0) / pairs.length;
  assert.ok(Math.abs(mean) < 5 / Math.sqrt(pairs.length), `correlation ${mean}`);
}

describe('augmentations: jitter', () => {
  it('adds normal noise to each value', () => {
    const shape = [400, 31, 3];
    const x = ones(shape);
    const noise = Array.from(augment([jitter({ std: 0.25 })], x), (value) => (value - 1) / 0.25);
    assertNormal(noise);
    const [size, next] = [31 * 3, 3];
    const apart = (by: number) => noise.slice(by).map((value, i): [number, number] => [noise[i]!, value]);
    for (const by of [1, next, size]) assertUncorrelated(apart(by)); // neighbours in channel, time and batch
  });

  it('takes inputs of any shape', () => {
    for (const shape of [[5], [5, 2], [4, 4, 3]]) {
      const x = counted([3, ...shape]);
      const noise = augment([jitter({ std: 1e-3 })], x).map((value, i) => value - x[i]!);
      assert.ok(noise.every((value) => Math.abs(value) < 1e-2) && new Set(noise).size > 3, String(shape));
    }
  });

  it('refuses a deviation that is none', () => {
    refuses(
      () => jitter({ std: 0 }),
      'E_OPTION',
      /augmentations\.jitter: option 'std' must be a number above 0, got 0/,
    );
    refuses(() => jitter({} as never), 'E_OPTION', /'std' is missing/);
  });
});

describe('augmentations: scale', () => {
  it('multiplies each channel of each datum by a factor around one', () => {
    const [batch, times, channels] = [4000, 3, 2];
    const x = counted([batch, times, channels]);
    const scaled = augment([scale({ std: 0.1 })], x);
    const factors = Array.from({ length: batch }, (_, b) =>
      [0, 1].map((c) => {
        const all = [0, 1, 2].map((t) => (b * times + t) * channels + c).map((at) => scaled[at]! / x[at]!);
        assert.ok(Math.max(...all) - Math.min(...all) < 1e-6, `one factor a channel, got ${all.join()}`);
        return all[0]!;
      }),
    );
    const noise = factors.map((pair) => pair.map((factor) => (factor - 1) / 0.1)) as [number, number][];
    assertNormal(noise.flat());
    assertUncorrelated(noise);
  });

  it('has one factor for series without channels', () => {
    const scaled = augment([scale({ std: 0.1 })], ones([5, 4]));
    const rows = Array.from({ length: 5 }, (_, b) => new Set(scaled.subarray(4 * b, 4 * b + 4)));
    assert.deepEqual(
      rows.map(({ size }) => size),
      [1, 1, 1, 1, 1],
    );
    assert.equal(new Set(scaled).size, 5);
  });

  it('refuses what is no series', () => {
    refuses(
      () => scale({ std: 0.1 }).build([8, 8, 3]),
      'E_SHAPE',
      /^augmentations\.scale needs series of shape \[times\] or \[times, channels\], got \[8, 8, 3\]: give/,
    );
    refuses(() => scale({ std: -1 }), 'E_OPTION', /'std' must be a number above 0, got -1/);
  });
});
