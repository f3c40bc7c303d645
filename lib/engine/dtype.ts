/** TF_DataType: the numbers TensorFlow gives to its data types. */
export const DataType = {
  float32: 1,
  float64: 2,
  int32: 3,
  uint8: 4,
  string: 7,
  complex64: 8,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  resource: 20,
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
  [DataType.string, 24],
  [DataType.complex64, 8],
  [DataType.int64, 8],
  [DataType.bool, 1],
  [DataType.uint32, 4],
]);

/** The data types of tfjs tensors. */
export type TensorType = 'float32' | 'int32' | 'bool' | 'complex64' | 'string';

/** The name of a data type, for messages. */
export const nameOf = (type: number): string =>
  Object.entries(DataType).find(([, number]) => number === type)?.[0] ?? `data type ${type}`;
