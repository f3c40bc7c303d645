/** Numbers as files hold them: of many kinds, in either order of bytes. They are read into the arrays that hold numbers here. */
import type { TypedArray } from '../ndarray';

/** Unsigned, signed or floating point, and bytes. */
export type NumberFormat = 'u1' | 'i1' | 'u2' | 'i2' | 'u4' | 'i4' | 'u8' | 'i8' | 'f2' | 'f4' | 'f8';

interface Kind {
  bytes: number;
  array: new (length: number) => TypedArray;
  get: (view: DataView, at: number, little: boolean) => number;
}

/** A whole number of 64 bits. @throws if a double cannot hold it */
function whole(value: bigint): number {
  if (BigInt.asIntN(54, value) !== value) throw new Error(`it has ${value}, which is beyond 2^53`);
  return Number(value);
}

/** IEEE 754 half precision: 1 bit of sign, 5 of exponent, 10 of fraction. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24);
}

const KINDS: Readonly<Record<NumberFormat, Kind>> = {
  u1: { bytes: 1, array: Uint8Array, get: (view, at) => view.getUint8(at) },
  i1: { bytes: 1, array: Int32Array, get: (view, at) => view.getInt8(at) },
  u2: { bytes: 2, array: Int32Array, get: (view, at, little) => view.getUint16(at, little) },
  i2: { bytes: 2, array: Int32Array, get: (view, at, little) => view.getInt16(at, little) },
  u4: { bytes: 4, array: Float64Array, get: (view, at, little) => view.getUint32(at, little) },
  i4: { bytes: 4, array: Int32Array, get: (view, at, little) => view.getInt32(at, little) },
  u8: { bytes: 8, array: Float64Array, get: (view, at, little) => whole(view.getBigUint64(at, little)) },
  i8: { bytes: 8, array: Float64Array, get: (view, at, little) => whole(view.getBigInt64(at, little)) },
  f2: { bytes: 2, array: Float32Array, get: (view, at, little) => half(view.getUint16(at, little)) },
  f4: { bytes: 4, array: Float32Array, get: (view, at, little) => view.getFloat32(at, little) },
  f8: { bytes: 8, array: Float64Array, get: (view, at, little) => view.getFloat64(at, little) },
};

export const bytesOf = (format: NumberFormat): number => KINDS[format].bytes;

/**
 * Reads numbers that lie one after another. Whole numbers become an Int32Array (of one byte without sign: a Uint8Array); those of 4 bytes
 * without sign or of 8 bytes a Float64Array if one of them does not fit.
 * @throws Error if there are not so many bytes, or a whole number is beyond 2^53
 */
export function decode(bytes: Uint8Array, format: NumberFormat, count: number, little: boolean): TypedArray {
  const { bytes: width, array, get } = KINDS[format];
  if (count * width > bytes.length) {
    throw new Error(
      `it ends too early: ${count} numbers need ${count * width} bytes, and ${bytes.length} are there`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new array(count);
  for (let i = 0; i < count; i++) values[i] = get(view, i * width, little);
  const fits = !format.startsWith('f') && values.every((value) => value === (value | 0));
  return values instanceof Float64Array && fits ? Int32Array.from(values) : values;
}
