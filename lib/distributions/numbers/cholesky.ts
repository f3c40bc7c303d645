/** Cholesky's root of a covariance, and what it is good for. */

/** Rows of a square matrix. @inline */
export type Matrix = readonly (readonly number[])[];

/** The lower triangular L with L L' = matrix; none if the matrix is not symmetric and positive definite. */
export function cholesky(matrix: Matrix): number[][] | undefined {
  const L = matrix.map((row) => row.map(() => 0));
  for (const [i, row] of matrix.entries()) {
    const left = L[i]!;
    for (let j = 0; j <= i; j++) {
      const above = L[j]!;
      let rest = row[j]!;
      for (let k = 0; k < j; k++) rest -= left[k]! * above[k]!;
      const isWrong =
        (i === j && !(rest > 0)) || Math.abs(row[j]! - matrix[j]![i]!) > 1e-6 * Math.abs(row[i]!);
      if (isWrong) return undefined;
      left[j] = i === j ? Math.sqrt(rest) : rest / above[j]!;
    }
  }
  return L;
}

/** The z with L z = x. */
export function solve(L: Matrix, x: ArrayLike<number>): number[] {
  const z: number[] = [];
  L.forEach((row, i) => {
    let rest = x[i]!;
    for (let j = 0; j < i; j++) rest -= row[j]! * z[j]!;
    z.push(rest / row[i]!);
  });
  return z;
}

export const squared = (x: readonly number[]): number => x.reduce((sum, each) => sum + each ** 2, 0);

/** Half the logarithm of the determinant of L L'. */
export const halfLogDet = (L: Matrix): number => L.reduce((sum, row, i) => sum + Math.log(row[i]!), 0);
