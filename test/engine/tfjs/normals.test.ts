import assert from 'node:assert/strict';
import { normals } from '../../../lib/engine/tfjs/fallback/normals';
import { threefry2x32 } from '../../../lib/threefry';

const keys = Int32Array.of(0, 0, -1, -1, 0x13198a2e, 0x03707344, 7, -9);

describe('engine: normals in plain TypeScript', () => {
  it('are Box and Muller of the blocks of each key', () => {
    const length = 25;
    const values = normals(keys, length);
    assert.equal(values.length, 4 * length);
    for (let sample = 0; sample < 4; sample++) {
      const key = [keys[2 * sample]! >>> 0, keys[2 * sample + 1]! >>> 0] as const;
      for (let i = 0; i < length; i++) {
        const [u, v] = threefry2x32(key, [0, Math.floor(i / 2)]);
        const radius = Math.sqrt(-2 * Math.log((u + 0.5) / 2 ** 32));
        // the top bit of v is the sign of the cosine, the others are an angle of half a turn
        const angle = Math.PI * ((v % 2 ** 31) / 2 ** 31 - 0.5);
        const expected = i % 2 === 0 ? Math.sin(angle) : (v < 2 ** 31 ? 1 : -1) * Math.cos(angle);
        const got = values[sample * length + i]!;
        assert.ok(Math.abs(got - radius * expected) < 1e-6, `${sample}, ${i}: ${got}`);
      }
    }
  });

  it('are the same whatever is drawn with them', () => {
    const [many, few] = [normals(keys, 1000), normals(keys.subarray(2, 4), 11)];
    assert.deepEqual(few, many.slice(1000, 1011));
  });

  it('have the moments of the normal distribution, within five standard errors', () => {
    const n = 500_000;
    const values = normals(Int32Array.of(1, 2, 3, 4), n / 2);
    const moment = (power: number): number => values.reduce((sum, value) => sum + value ** power, 0) / n;
    // variances of z, z^2, z^3, z^4: 1, 2, 15, 96
    for (const [power, expected, variance] of [
      [1, 0, 1],
      [2, 1, 2],
      [3, 0, 15],
      [4, 3, 96],
    ] as const) {
      assert.ok(
        Math.abs(moment(power) - expected) < 5 * Math.sqrt(variance / n),
        `${power}: ${moment(power)}`,
      );
    }
    const far = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    assert.ok(far > 4 && far < 6.8);
  });
});
