/**
 * Standard normals in plain TypeScript, those of `lib/engine/random.ts`: the same random bits (Threefry2x32-20, Salmon et al. 2011)
 * through the same transform (Box and Muller 1958), equal but for the rounding of logarithm, sine and cosine.
 */
const PARITY = 0x1bd11bda; // the Skein constant: makes the third key word

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

// Taylor coefficients of sin(pi x) and cos(pi x)
const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
const taylor = (power: number): number =>
  ((-1) ** Math.floor(power / 2) * Math.PI ** power) / factorial(power);
const [S1, S3, S5, S7, S9, S11] = [taylor(1), taylor(3), taylor(5), taylor(7), taylor(9), taylor(11)];
const [C2, C4, C6, C8, C10, C12] = [taylor(2), taylor(4), taylor(6), taylor(8), taylor(10), taylor(12)];

/**
 * Fills a row with the normals of one key: elements 2j and 2j + 1 from block start + j. The rounds are written out, since processors
 * overlap the blocks of a loop without branches: twice as fast as a loop over rounds.
 */
function fill(row: Float32Array, k0: number, k1: number, start: number): void {
  const { fround, log, sqrt } = Math;
  const k2 = k0 ^ k1 ^ PARITY;
  for (let j = 0; 2 * j < row.length; j++) {
    let a = k0;
    let b = (start + j + k1) | 0;
    b = rotate(b, 13) ^ (a = (a + b) | 0);
    b = rotate(b, 15) ^ (a = (a + b) | 0);
    b = rotate(b, 26) ^ (a = (a + b) | 0);
    b = rotate(b, 6) ^ (a = (a + b) | 0);
    a = (a + k1) | 0;
    b = (b + k2 + 1) | 0;
    b = rotate(b, 17) ^ (a = (a + b) | 0);
    b = rotate(b, 29) ^ (a = (a + b) | 0);
    b = rotate(b, 16) ^ (a = (a + b) | 0);
    b = rotate(b, 24) ^ (a = (a + b) | 0);
    a = (a + k2) | 0;
    b = (b + k0 + 2) | 0;
    b = rotate(b, 13) ^ (a = (a + b) | 0);
    b = rotate(b, 15) ^ (a = (a + b) | 0);
    b = rotate(b, 26) ^ (a = (a + b) | 0);
    b = rotate(b, 6) ^ (a = (a + b) | 0);
    a = (a + k0) | 0;
    b = (b + k1 + 3) | 0;
    b = rotate(b, 17) ^ (a = (a + b) | 0);
    b = rotate(b, 29) ^ (a = (a + b) | 0);
    b = rotate(b, 16) ^ (a = (a + b) | 0);
    b = rotate(b, 24) ^ (a = (a + b) | 0);
    a = (a + k1) | 0;
    b = (b + k2 + 4) | 0;
    b = rotate(b, 13) ^ (a = (a + b) | 0);
    b = rotate(b, 15) ^ (a = (a + b) | 0);
    b = rotate(b, 26) ^ (a = (a + b) | 0);
    b = rotate(b, 6) ^ (a = (a + b) | 0);
    a = (a + k2) | 0;
    b = (b + k0 + 5) | 0;
    // rounded where the compiled generator rounds: near 1 the logarithm makes much of little
    const uniform = fround(fround(fround(a >>> 0) * 2 ** -32) + 2 ** -33);
    const radius = sqrt(-2 * log(uniform));
    const x = fround(fround(b & 0x7fffffff) * 2 ** -31 - 0.5);
    const q = x * x;
    const sine = x * (S1 + q * (S3 + q * (S5 + q * (S7 + q * (S9 + q * S11)))));
    const cosine = 1 + q * (C2 + q * (C4 + q * (C6 + q * (C8 + q * (C10 + q * C12)))));
    row[2 * j] = radius * sine;
    row[2 * j + 1] = b < 0 ? -radius * cosine : radius * cosine; // past the end of an odd row it is dropped
  }
}

/**
 * Standard normals [S, length], row by row.
 * @param keys [S, 2]: the words of each sample's key
 * @param start the block of random bits that each row begins with
 */
export function normals(keys: Int32Array, length: number, start = 0): Float32Array {
  const samples = keys.length / 2;
  const values = new Float32Array(samples * length);
  for (let sample = 0; sample < samples; sample++) {
    const row = values.subarray(sample * length, (sample + 1) * length);
    fill(row, keys[2 * sample]!, keys[2 * sample + 1]!, start);
  }
  return values;
}
