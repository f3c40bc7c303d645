import assert from 'node:assert/strict';
import { bytesOf, decode, type NumberFormat } from '../../lib/data/binary';

const bytes = (...values: number[]): Uint8Array => Uint8Array.of(...values);

describe('data: binary', () => {
  it('reads each format in both orders of bytes', () => {
    const cases: readonly [NumberFormat, number[], number][] = [
      ['u1', [200], 200],
      ['i1', [200], -56],
      ['u2', [1, 200], 0xc801],
      ['i2', [1, 200], 0xc801 - 0x10000],
      ['i4', [1, 0, 0, 200], (200 << 24) + 1],
      ['u4', [1, 0, 0, 200], 200 * 2 ** 24 + 1],
      ['i8', [1, 0, 0, 0, 0, 0, 0, 128].map((byte, i) => (i < 7 ? byte : 0)), 1],
      ['i8', Array<number>(8).fill(255), -1],
      ['u8', [0, 0, 0, 0, 1, 0, 0, 0], 2 ** 32],
      ['f2', [0, 0x3c], 1],
      ['f4', [0, 0, 0x20, 0xc1], -10],
      ['f8', [0, 0, 0, 0, 0, 0, 0x24, 0x40], 10],
    ];
    for (const [format, little, value] of cases) {
      assert.equal(bytesOf(format), little.length);
      assert.equal(decode(bytes(...little), format, 1, true)[0], value, format);
      assert.equal(decode(bytes(...little.reverse()), format, 1, false)[0], value, format);
    }
  });

  it('reads half precision as numpy does', () => {
    // numpy.frombuffer(bytes, '<f2') of 0x0000, 0x8000, 0x0001, 0x03ff, 0x0400, 0x7bff, 0x7c00, 0xfc00, 0x2e66
    const halves = bytes(
      ...[0, 0, 0, 0x80, 1, 0, 0xff, 3, 0, 4, 0xff, 0x7b, 0, 0x7c, 0, 0xfc, 0x66, 0x2e, 1, 0x7c],
    );
    const want = [0, -0, 5.960464477539063e-8, 6.097555160522461e-5, 6.103515625e-5, 65504];
    assert.deepEqual(
      [...decode(halves, 'f2', 10, true)],
      [...want, Infinity, -Infinity, 0.0999755859375, NaN],
    );
  });

  it('keeps whole numbers integers where they fit, and refuses those that a double cannot hold', () => {
    const eight = (value: bigint): Uint8Array => new Uint8Array(BigInt64Array.of(value).buffer);
    assert.ok(decode(eight(-(2n ** 31n)), 'i8', 1, true) instanceof Int32Array);
    assert.ok(decode(eight(2n ** 31n), 'i8', 1, true) instanceof Float64Array);
    assert.equal(decode(eight(2n ** 53n - 1n), 'i8', 1, true)[0], 2 ** 53 - 1);
    assert.throws(() => decode(eight(2n ** 53n), 'i8', 1, true), /9007199254740992, which is beyond 2\^53/);
    assert.throws(() => decode(eight(-1n), 'u8', 1, true), /18446744073709551615/);
    assert.ok(decode(new Uint8Array(8), 'f8', 1, true) instanceof Float64Array);
  });

  it('reads from the middle of a buffer, and never past its end', () => {
    const part = bytes(9, 9, 9, 1, 0, 2, 0, 9).subarray(3, 7);
    assert.deepEqual([...decode(part, 'u2', 2, true)], [1, 2]);
    assert.throws(() => decode(part, 'u2', 3, true), /3 numbers need 6 bytes, and 4 are there/);
    assert.throws(() => decode(part, 'u2', Infinity, true), /ends too early/);
  });
});
