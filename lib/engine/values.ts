import type { TypedArray } from '../ndarray';
import { DataType } from './dtype';

/** The array that holds the values of each type. */
export const arrays = {
  [DataType.float32]: Float32Array,
  [DataType.float64]: Float64Array,
  [DataType.complex64]: Float32Array,
  [DataType.int32]: Int32Array,
  [DataType.uint8]: Uint8Array,
  [DataType.bool]: Uint8Array,
  [DataType.resource]: Uint8Array,
  [DataType.int64]: BigInt64Array,
  [DataType.uint32]: Uint32Array,
} as const;

/** The values of a tensor, as they come back from TensorFlow. */
export type Values = TypedArray | BigInt64Array | Uint32Array | Uint8Array[];
