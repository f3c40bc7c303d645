import assert from 'node:assert/strict';
import * as data from '../../lib/data';
import type { CredenceError } from '../../lib/errors';

describe('data.wave', () => {
  it('has points on two stretches only, noise of the size asked for, and the curve itself', () => {
    const { train, test, curve } = data.wave({ points: 4000, noise: 0.2 });
    for (const { x, y } of [train, test]) {
      assert.deepEqual(
        [x.shape, y.shape],
        [
          [4000, 1],
          [4000, 1],
        ],
      );
      assert.ok(x.every((each) => (each >= -2 && each <= -0.5) || (each >= 0.75 && each <= 2)));
      assert.ok(Math.abs(x.filter((each) => each < 0).length / 4000 - 1.5 / 2.75) < 0.03);
      const errors = y.map((each, i) => each - (x[i]! / 2 + Math.sin(2 * x[i]!)));
      const std = Math.sqrt(errors.reduce((sum, each) => sum + each * each, 0) / 4000);
      assert.ok(Math.abs(std - 0.2) < 0.01, `${std}`); // four standard errors
    }
    assert.deepEqual([curve.x[0], curve.x.at(-1)], [-3, 3]);
    assert.ok(
      curve.y.every((each, i) => Math.abs(each - (curve.x[i]! / 2 + Math.sin(2 * curve.x[i]!))) < 1e-6),
    );
  });

  it('is the same for the same seed, and other points for another seed or split', () => {
    const { train, test } = data.wave({ seed: 5 });
    assert.deepEqual(data.wave({ seed: 5 }).train, train);
    assert.notDeepEqual(data.wave({ seed: 6 }).train.x, train.x);
    assert.notDeepEqual(test.x, train.x);
  });

  it('refuses bad options', () => {
    for (const options of [{ points: 0 }, { noise: -1 }, { seed: 0.5 }, { gap: 1 }]) {
      assert.throws(
        () => data.wave(options),
        (error: CredenceError) => error.code === 'E_OPTION',
      );
    }
  });
});
