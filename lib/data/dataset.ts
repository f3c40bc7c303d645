import { CredenceError } from '../errors';
import { ndarray, sizeOf, type NdArray, type Shape, type TypedArray } from '../ndarray';
import { describe } from '../validate';

/** Inputs and what they should give, row by row. */
export interface Dataset<Y extends Float32Array | Int32Array = Float32Array | Int32Array> {
  /** Inputs [N, ...]. */
  readonly x: NdArray<Float32Array>;
  /** Class numbers [N], or targets [N] or [N, D]. */
  readonly y: NdArray<Y>;
}

/** A tensor of tfjs, known by its methods so that reading data does not load the engine. */
export interface TensorLike {
  readonly shape: Shape;
  /** Its values, row-major. */
  dataSync(): TypedArray;
}

/** Lists in lists, all rows of a level equally long. */
export type Nested = readonly number[] | readonly Nested[];

/** What people have their numbers in. A typed array without a shape is one-dimensional. */
export type Values = TypedArray | NdArray<TypedArray> | TensorLike | Nested;

interface Shaped {
  values: ArrayLike<number>;
  shape: Shape;
}

/** Where the i-th value of a shape is: '[3][0]'. */
function address(shape: Shape, i: number): string {
  let text = '';
  for (const length of [...shape].reverse()) {
    text = `[${i % length}]${text}`;
    i = Math.floor(i / length);
  }
  return text;
}

/** Reads nested lists, whose shape is that of their first rows. */
function flatten(name: string, nested: Nested): Shaped {
  const shape: number[] = [];
  for (let level: unknown = nested; Array.isArray(level); level = level[0]) shape.push(level.length);
  const values = new Float64Array(sizeOf(shape));
  let filled = 0;
  const visit = (entry: unknown, depth: number): void => {
    const isRow = depth < shape.length;
    if (isRow && Array.isArray(entry) && entry.length === shape[depth]) {
      for (const inner of entry) visit(inner, depth + 1);
    } else if (!isRow && typeof entry === 'number') {
      values[filled++] = entry;
    } else {
      const where = name + address(shape.slice(0, depth), filled / sizeOf(shape.slice(depth)));
      if (isRow || Array.isArray(entry)) {
        const rule = isRow ? `lists of ${shape[depth]}` : 'numbers';
        throw new CredenceError(
          'E_SHAPE',
          `${name} is ragged: ${where} is ${describe(entry)}, but those before it are ${rule}`,
        );
      }
      throw new CredenceError('E_DATA', `${where} is ${describe(entry)}, not a number`);
    }
  };
  if (values.length > 0) visit(nested, 0);
  return { values, shape };
}

/** The numbers as they are, and their shape. @throws CredenceError E_SHAPE, E_DATA */
export function read(name: string, given: Values): Shaped {
  if (Array.isArray(given)) return flatten(name, given);
  if (typeof given === 'object' && given !== null) {
    // copied: the tensor's memory goes when it is disposed
    if ('dataSync' in given) return { values: given.dataSync().slice(), shape: given.shape };
    if (ArrayBuffer.isView(given)) {
      const values = given as TypedArray & { readonly shape?: Shape };
      return { values, shape: values.shape ?? [values.length] };
    }
  }
  throw new CredenceError(
    'E_DATA',
    `${name} must be a typed array, an NdArray, a tensor or nested lists of numbers, got ${describe(given)}`,
  );
}

/** The kind of a typed array by name: arrays made in a notebook cell may come from another realm, where instanceof fails. */
const kindOf = (values: ArrayLike<number>): string | undefined =>
  (values as { readonly [Symbol.toStringTag]?: string })[Symbol.toStringTag];

/** An array of one kind with its own shape; without copying where it is of that kind already. */
function shaped(name: string, { values, shape }: Shaped, kind: 'Float32Array' | 'Int32Array'): NdArray {
  if (shape.length === 0 || values.length === 0) {
    throw new CredenceError('E_SHAPE', `${name} is empty: at least one row is needed`);
  }
  const same = kindOf(values) === kind;
  const numbers = same
    ? (values as Float32Array).subarray(0)
    : kind === 'Float32Array'
      ? Float32Array.from(values)
      : Int32Array.from(values);
  const bad = numbers.findIndex((value) => !Number.isFinite(value));
  if (bad !== -1) {
    throw new CredenceError(
      'E_DATA',
      `${name}${address(shape, bad)} is ${values[bad]}: ${Number.isFinite(values[bad]) ? 'too large for single precision' : 'all values must be finite'}`,
    );
  }
  return ndarray(numbers as Float32Array, shape);
}

/**
 * Reads the inputs of a model from any array of numbers; one-dimensional values are N inputs of one feature, [N, 1].
 * @param name what the person calls it
 * @returns single precision values with their shape [N, ...], sharing memory with `values` where that is possible
 * @throws CredenceError E_SHAPE (ragged, empty), E_DATA (NaN, infinite, not a number)
 */
export function inputs(values: Values, name = 'x'): NdArray<Float32Array> {
  const { values: numbers, shape } = read(name, values);
  return shaped(
    name,
    { values: numbers, shape: shape.length === 1 ? [shape[0]!, 1] : shape },
    'Float32Array',
  );
}

/**
 * A data set from any arrays of numbers: typed arrays, NdArrays, tfjs tensors, nested lists.
 * @param x inputs [N, ...]; [N] is taken for [N, 1]
 * @param y targets [N] or [N, D]. Integer arrays (Int32Array, Uint8Array, int32 tensors) stay integers, everything else
 *   becomes single precision
 * @throws CredenceError E_SHAPE (ragged, empty, different N), E_DATA (NaN, infinite, not a number)
 */
export function dataset(x: Values, y: Values): Dataset {
  const features = inputs(x, 'x');
  const given = read('y', y);
  const integers = ['Int32Array', 'Uint8Array'].includes(kindOf(given.values) ?? '');
  const targets: NdArray<Float32Array | Int32Array> = shaped(
    'y',
    given,
    integers ? 'Int32Array' : 'Float32Array',
  );
  if (features.shape[0] !== targets.shape[0]) {
    throw new CredenceError(
      'E_SHAPE',
      `x has ${features.shape[0]} rows, but y has ${targets.shape[0]}: each input needs its target`,
    );
  }
  return { x: features, y: targets };
}

/** Copies some rows of an array [N, ...]: the first ten, the misclassified, a split. */
export function takeRows<T extends Float32Array | Int32Array>(
  array: NdArray<T>,
  rows: ArrayLike<number>,
): NdArray<T> {
  const size = sizeOf(array.shape.slice(1));
  const taken = array.constructor as new (length: number) => T;
  const values = new taken(rows.length * size);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    if (!Number.isInteger(row) || row < 0 || row >= array.shape[0]!) {
      throw new CredenceError('E_OPTION', `there is no row ${row}: rows are 0 to ${array.shape[0]! - 1}`);
    }
    values.set(array.subarray(row * size, (row + 1) * size), i * size);
  }
  return ndarray(values, [rows.length, ...array.shape.slice(1)]);
}

/** Some rows of a data set, inputs and targets together. */
export const take = <Y extends Float32Array | Int32Array>(
  { x, y }: Dataset<Y>,
  rows: ArrayLike<number>,
): Dataset<Y> => ({ x: takeRows(x, rows), y: takeRows(y, rows) });
