/**
 * Threefry2x32-20, a counter-based random number generator: random bits are a pure function of (key, counter), so a
 * draw depends on nothing but its address and comes out the same on every machine, in any order.
 *
 * Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011. Keys are made and split as in JAX; one key is
 * either drawn from or folded into new ones, never both.
 */
import { count, validate } from './validate';

/** Two 32-bit words. */
export type Key = readonly [number, number];

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;
const ROUNDS = 20;
const PARITY = 0x1bd11bda; // the Skein constant: makes the third key word
const TWO_32 = 2 ** 32;

const rotateLeft = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

/**
 * Enciphers a counter (64 bits as two words) under a key: 64 random bits.
 * @returns two words in [0, 2^32)
 */
export function threefry2x32(key: Key, counter: readonly [number, number]): [number, number] {
  const schedule = [key[0], key[1], key[0] ^ key[1] ^ PARITY];
  let a = (counter[0] + key[0]) | 0;
  let b = (counter[1] + key[1]) | 0;
  for (let round = 0; round < ROUNDS; round++) {
    a = (a + b) | 0;
    b = rotateLeft(b, ROTATIONS[round % 8]!) ^ a;
    if (round % 4 === 3) {
      const injection = (round + 1) / 4;
      a = (a + schedule[injection % 3]!) | 0;
      b = (b + schedule[(injection + 1) % 3]! + injection) | 0;
    }
  }
  return [a >>> 0, b >>> 0];
}

/** The key of a seed: its high and low word. @param seed a whole number in [0, 2^53) */
export function keyOf(seed: number): Key {
  const whole = validate(count(0), seed, 'seed');
  return [Math.floor(whole / TWO_32) >>> 0, whole >>> 0];
}

/** A new, independent key for each `index`: jax.random.fold_in, and member `index` of jax.random.split. */
export const foldIn = (key: Key, index: number): Key => threefry2x32(key, [0, index]);

/** Block i of a key, the counter being i as a 64-bit number. */
const block = (key: Key, i: number): [number, number] => threefry2x32(key, [Math.floor(i / TWO_32), i >>> 0]);

/** Moves a word to the middle of its 2^-32 wide cell, so that neither 0 nor 1 occurs and log(u) is finite. */
const toUnit = (word: number): number => (word + 0.5) / TWO_32;

/** n numbers uniform on (0, 1), of 32 random bits each. Block i of the key gives elements 2i and 2i + 1. */
export function uniforms(key: Key, n: number): Float64Array {
  const values = new Float64Array(validate(count(0), n, 'uniforms'));
  for (let i = 0; i < n; i += 2) {
    const [a, b] = block(key, i / 2);
    values[i] = toUnit(a);
    values[i + 1] = toUnit(b); // beyond the end, nothing is written
  }
  return values;
}

/**
 * n standard normal numbers. Elements 2i and 2i + 1 are the pair of uniforms at the same places through Box and Muller:
 * sqrt(-2 ln u) (cos 2 pi v, sin 2 pi v).
 */
export function normals(key: Key, n: number): Float64Array {
  const values = uniforms(key, n + (n % 2));
  for (let i = 0; i < values.length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(values[i]!));
    const angle = 2 * Math.PI * values[i + 1]!;
    values[i] = radius * Math.cos(angle);
    values[i + 1] = radius * Math.sin(angle);
  }
  return values.slice(0, n);
}

/** The numbers 0 .. n-1 in random order (Fisher and Yates; any order is equally likely to within n / 2^32). */
export function permutation(key: Key, n: number): Int32Array {
  const order = Int32Array.from({ length: validate(count(0), n, 'permutation') }, (_, i) => i);
  const draws = uniforms(key, n);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(draws[i]! * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
