import { DataType } from './dtype';

/**
 * The array that holds the values of each type. A complex number is two numbers, real and imaginary. For the two-byte floating-point
 * types, values pass through float32 (see `Context.tensor`).
 */
export const arrays = {
  [DataType.float32]: Float32Array,
  [DataType.float64]: Float64Array,
  [DataType.complex64]: Float32Array,
  [DataType.complex128]: Float64Array,
  [DataType.int8]: Int8Array,
  [DataType.int16]: Int16Array,
  [DataType.int32]: Int32Array,
  [DataType.int64]: BigInt64Array,
  [DataType.uint8]: Uint8Array,
  [DataType.uint16]: Uint16Array,
  [DataType.uint32]: Uint32Array,
  [DataType.uint64]: BigUint64Array,
  [DataType.bool]: Uint8Array,
} as const;

/** An array of numbers, as it comes back from TensorFlow. */
export type NumericValues = InstanceType<(typeof arrays)[keyof typeof arrays]>;

/** The values of a tensor, as they come back from TensorFlow; a string is its bytes. */
export type Values = NumericValues | Uint8Array[];

/** The kind of array for a type, if there is one. */
export const arrayType = (type: number): (typeof arrays)[keyof typeof arrays] | undefined =>
  arrays[type as keyof typeof arrays];

/**
 * A list of numbers as the array of a type.
 * @returns undefined if the type has no array of numbers
 */
export function fromNumbers(type: number, numbers: ArrayLike<number | bigint>): NumericValues | undefined {
  const ArrayType = arrayType(type);
  if (ArrayType === undefined) return undefined;
  if (ArrayType === BigInt64Array || ArrayType === BigUint64Array)
    return ArrayType.from(Array.from(numbers, BigInt));
  return (ArrayType as { from(numbers: number[]): NumericValues }).from(Array.from(numbers, Number));
}
