import { CredenceError } from './errors';

/** The typed arrays that hold numbers here. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** Lengths along each axis, outermost first (row-major). */
export type Shape = readonly number[];

/**
 * A plain typed array that also knows its shape. Metrics read it as a typed array; models read its shape.
 * The values are row-major: element [i, j] of shape [N, D] is at i * D + j.
 */
export type NdArray<T extends TypedArray = Float32Array> = T & { readonly shape: Shape };

/** What numbers are as tensors: class numbers and counts are integers. */
export const dtypeOf = (values: TypedArray): 'int32' | 'float32' =>
  values instanceof Int32Array ? 'int32' : 'float32';

/** The number of elements of a shape. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, length) => product * length, 1);

/**
 * Gives a typed array a shape: in place, or a view of it where it has a shape already, which it keeps. No number is copied.
 * @throws CredenceError E_SHAPE if the shape does not have as many elements as the array.
 */
export function ndarray<T extends TypedArray>(values: T, shape: Shape): NdArray<T> {
  if (sizeOf(shape) !== values.length) {
    throw new CredenceError(
      'E_SHAPE',
      `shape [${shape.join(', ')}] needs ${sizeOf(shape)} values, but the array has ${values.length}`,
    );
  }
  const own = 'shape' in values ? (values.subarray(0) as T) : values;
  return Object.defineProperty(own, 'shape', {
    value: [...shape],
    enumerable: false,
    configurable: true,
  }) as NdArray<T>;
}
