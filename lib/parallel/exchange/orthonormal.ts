import { foldIn, keyOf, normals } from '../../threefry';

/** What is left of a column must be more than this share of it: the rest is rounding. */
const LEAST = 1e-6;

/**
 * An orthonormal basis of the columns of a matrix [rows, rank], by Gram and Schmidt, twice over. All machines find the same one, to the bit,
 * since all compute alike in JavaScript. A column that depends on those before it makes room for a random one.
 */
export function orthonormal(values: ArrayLike<number>, rank: number): Float32Array {
  const rows = values.length / rank;
  const columns: Float64Array[] = [];
  for (let j = 0; j < rank; j++) {
    let column: Float64Array = Float64Array.from({ length: rows }, (_, i) => values[i * rank + j]!);
    for (let i = 0; !straighten(column, columns); i++) column = normals(foldIn(keyOf(j), i), rows);
    columns.push(column);
  }
  const basis = new Float32Array(values.length);
  columns.forEach((column, j) => column.forEach((value, i) => (basis[i * rank + j] = value)));
  return basis;
}

/** Makes a column orthogonal to others, of length 1. Whether something of it was left. */
function straighten(column: Float64Array, others: readonly Float64Array[]): boolean {
  const before = norm(column);
  for (let pass = 0; pass < 2; pass++) {
    for (const other of others) add(column, other, -dot(column, other));
  }
  const after = norm(column);
  if (!(after > LEAST * before)) return false; // nor where it is not finite
  for (let i = 0; i < column.length; i++) column[i]! /= after;
  return true;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

const norm = (a: Float64Array): number => Math.sqrt(dot(a, a));

function add(to: Float64Array, what: Float64Array, times: number): void {
  for (let i = 0; i < to.length; i++) to[i]! += times * what[i]!;
}
