import assert from 'node:assert/strict';
import { CredenceError } from '../lib/errors';
import { foldIn, keyOf, normals, permutation, threefry2x32, uniforms, type Key } from '../lib/threefry';
import { normalQuantile } from '../lib/metrics';
import { assertClose, golden } from './golden';

const SEED = 2024;

describe('threefry', () => {
  const known = golden<{ counter: Key; key: Key }, { output: number[] }>('random', 'threefry2x32_20');
  for (const { name, inputs, expected } of known) {
    it(`random.json ${name}`, () => {
      assert.deepEqual(threefry2x32(inputs.key, inputs.counter), expected.output);
    });
  }

  interface Jax {
    key: Key;
    split_3: number[][];
    fold_in_5: number[];
    bits_5: number[];
  }
  for (const { name, inputs, expected } of golden<{ seed: number; key: Key }, Jax>(
    'random',
    'jax_threefry',
  )) {
    it(`random.json ${name}`, () => {
      const key = keyOf(inputs.seed);
      assert.deepEqual(key, inputs.key);
      assert.deepEqual(
        [0, 1, 2].map((i) => foldIn(key, i)),
        expected.split_3,
      );
      assert.deepEqual(foldIn(key, 5), expected.fold_in_5);
      const bits = [0, 1, 2, 3, 4].map((i) => {
        const [a, b] = threefry2x32(key, [0, i]);
        return (a ^ b) >>> 0;
      });
      assert.deepEqual(bits, expected.bits_5);
    });
  }

  interface Floats {
    uniform_f32_5: number[];
    normal_f32_5: number[];
  }
  for (const { name, inputs, expected, tolerance } of golden<{ key: Key }, Floats>(
    'random',
    'jax_threefry_floats',
  )) {
    // ours are others: JAX takes one number of a block and 23 bits of it, and a quantile for a normal
    it(`random.json ${name} are made of our bits by the rules of JAX`, () => {
      const got = [0, 1, 2, 3, 4].map((i) => {
        const [a, b] = threefry2x32(inputs.key, [0, i]);
        return ((a ^ b) >>> 9) / 2 ** 23;
      });
      assertClose(got, expected.uniform_f32_5, tolerance, 'uniform');
      assertClose(got.map(normalQuantile), expected.normal_f32_5, tolerance, 'normal');
    });
  }

  it('takes seeds beyond 32 bits', () => {
    assert.deepEqual(keyOf(2 ** 32 + 7), [1, 7]);
    assert.deepEqual(keyOf(2 ** 53 - 1), [2 ** 21 - 1, 2 ** 32 - 1]);
  });

  it('refuses a seed or length that is not a whole number', () => {
    for (const bad of [
      () => keyOf(-1),
      () => keyOf(1.5),
      () => uniforms([0, 1], NaN),
      () => normals([0, 1], -2),
    ]) {
      assert.throws(bad, (error: CredenceError) => error.code === 'E_OPTION');
    }
  });

  it('gives a prefix of the same numbers for a smaller n, odd or even', () => {
    const key = keyOf(SEED);
    const long = normals(key, 10);
    for (const n of [0, 1, 2, 7]) {
      assert.deepEqual(normals(key, n), long.slice(0, n));
      assert.equal(uniforms(key, n).length, n);
    }
  });

  it('has the moments of the uniform and the normal distribution', () => {
    // 200,000 draws: every bound is above four standard errors of its moment
    const n = 200_000;
    const mean = (values: Float64Array, power: number) =>
      values.reduce((sum, value) => sum + value ** power, 0) / values.length;
    const u = uniforms(keyOf(SEED), n);
    assert.ok(u.every((value) => value > 0 && value < 1));
    assert.ok(Math.abs(mean(u, 1) - 1 / 2) < 0.003);
    assert.ok(Math.abs(mean(u, 2) - 1 / 3) < 0.003);
    const z = normals(keyOf(SEED), n);
    assert.ok(Math.abs(mean(z, 1)) < 0.01);
    assert.ok(Math.abs(mean(z, 2) - 1) < 0.015);
    assert.ok(Math.abs(mean(z, 3)) < 0.04);
    assert.ok(Math.abs(mean(z, 4) - 3) < 0.1);
    const neighbours = z.reduce((sum, value, i) => sum + value * (z[i + 1] ?? 0), 0) / n;
    assert.ok(Math.abs(neighbours) < 0.01);
  });

  it('permutes: every number once, each place equally likely', () => {
    const size = 6;
    const draws = 6000;
    const counts = new Int32Array(size * size);
    for (let draw = 0; draw < draws; draw++) {
      const order = permutation(foldIn(keyOf(SEED), draw), size);
      assert.deepEqual([...order].sort(), [0, 1, 2, 3, 4, 5]);
      order.forEach((value, place) => counts[place * size + value]!++);
    }
    // 1000 expected, standard deviation 29
    for (const times of counts) assert.ok(Math.abs(times - draws / size) < 130, `${times}`);
    assert.deepEqual(permutation(keyOf(1), 1), Int32Array.of(0));
    assert.equal(permutation(keyOf(1), 0).length, 0);
  });
});
