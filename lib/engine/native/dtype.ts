/** TF_DataType: the numbers TensorFlow gives to its data types. */
export const DataType = {
  float32: 1,
  float64: 2,
  int32: 3,
  uint8: 4,
  int16: 5,
  int8: 6,
  string: 7,
  complex64: 8,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  uint16: 17,
  complex128: 18,
  float16: 19,
  resource: 20,
  variant: 21,
  uint32: 22,
  uint64: 23,
} as const;
export type DataType = (typeof DataType)[keyof typeof DataType];

/** Bytes of one element of the types that tensors are made of here; a string is a TF_TString. */
export const bytesPerElement: ReadonlyMap<number, number> = new Map([
  [DataType.float32, 4],
  [DataType.float64, 8],
  [DataType.int32, 4],
  [DataType.uint8, 1],
  [DataType.int16, 2],
  [DataType.int8, 1],
  [DataType.string, 24],
  [DataType.complex64, 8],
  [DataType.int64, 8],
  [DataType.bool, 1],
  [DataType.bfloat16, 2],
  [DataType.uint16, 2],
  [DataType.complex128, 16],
  [DataType.float16, 2],
  [DataType.uint32, 4],
  [DataType.uint64, 8],
]);

/** The data types of tfjs tensors. @inline */
export type TensorType = 'float32' | 'int32' | 'bool' | 'complex64' | 'string';

/** The name of a data type, for messages. */
export const nameOf = (type: number): string =>
  Object.entries(DataType).find(([, number]) => number === type)?.[0] ?? `data type ${type}`;

/** Floating-point types of two bytes, which JavaScript has no array for. */
export const isHalf = (type: number): boolean => type === DataType.bfloat16 || type === DataType.float16;
