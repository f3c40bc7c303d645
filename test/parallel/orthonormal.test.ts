import assert from 'node:assert/strict';
import { orthonormal } from '../../lib/parallel/exchange/orthonormal';
import { keyOf, normals } from '../../lib/threefry';

const ROUNDING = 1e-6;

/** Column j of a matrix [rows, rank]. */
const column = (values: ArrayLike<number>, rank: number, j: number): number[] =>
  Array.from({ length: values.length / rank }, (_, i) => values[i * rank + j]!);

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);

function assertOrthonormal(basis: Float32Array, rank: number): void {
  for (let a = 0; a < rank; a++) {
    for (let b = 0; b < rank; b++) {
      const product = dot(column(basis, rank, a), column(basis, rank, b));
      assert.ok(Math.abs(product - Number(a === b)) < ROUNDING, `columns ${a} and ${b}: ${product}`);
    }
  }
}

describe('an orthonormal basis', () => {
  it('spans the columns of the matrix', () => {
    const [rows, rank] = [50, 5];
    const matrix = normals(keyOf(1), rows * rank);
    const basis = orthonormal(matrix, rank);
    assertOrthonormal(basis, rank);
    for (let j = 0; j < rank; j++) {
      const want = column(matrix, rank, j);
      const left = [...want];
      for (let k = 0; k < rank; k++) {
        const direction = column(basis, rank, k);
        const along = dot(direction, want);
        direction.forEach((value, i) => (left[i]! -= along * value));
      }
      assert.ok(Math.sqrt(dot(left, left)) < 10 * ROUNDING);
    }
  });

  it('is one, too, where columns are nearly parallel, depend on each other, or are no numbers', () => {
    const [rows, rank] = [12, 3];
    const parallel = normals(keyOf(2), rows * rank).map((value, i) => 1 + 1e-4 * value * (i % rank));
    const matrices = [parallel, new Float32Array(rows * rank), new Float32Array(rows * rank).fill(2)];
    for (const matrix of [...matrices, new Float32Array(rows * rank).fill(NaN)]) {
      assertOrthonormal(orthonormal(matrix, rank), rank);
    }
  });
});
