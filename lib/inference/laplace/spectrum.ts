/** The curvature of a block in the directions in which it is diagonal: what is needed to draw, and for the evidence. */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { sizeOf } from '../../ndarray';
import type { Block } from './layout';

export interface Spectrum {
  /** Of the curvature, one for each weight of the block. */
  eigenvalues: Float64Array;
  /** For each side of the block, the eigenvectors as columns, [n, n]. */
  bases: readonly Float64Array[];
}

/** The eigenvalues of a symmetric matrix that has none below zero, and its eigenvectors as columns. */
function eigenvectors(matrix: Float64Array, side: number): { values: number[]; vectors: Float64Array } {
  const rows = Array.from({ length: side }, (_, i) => matrix.subarray(i * side, (i + 1) * side));
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(new Matrix(rows), {
    assumeSymmetric: true,
  });
  return {
    values: realEigenvalues.map((value) => Math.max(0, value)), // rounding makes zeros negative
    vectors: Float64Array.from(eigenvectorMatrix.to1DArray()),
  };
}

/**
 * @param sums see `Curvature`
 * @param data how many they are over
 */
export function spectrumOf({ sides, product }: Block, sums: readonly Float64Array[], data: number): Spectrum {
  const found = sides.map((side, i) => eigenvectors(sums[i]!, side));
  const bases = found.map(({ vectors }) => vectors);
  if (!product || sides.length < 2)
    return { eigenvalues: Float64Array.from(found[0]?.values ?? sums[0]!), bases };
  // E[a a'] (x) E[g g'], times as many rows as there are: that of each datum and place
  const [inputs, outputs] = found.map(({ values }) => values) as [number[], number[]];
  const rows = (data * sizeOf(product.output)) / sides[1]!;
  const eigenvalues = Float64Array.from(inputs.flatMap((a) => outputs.map((g) => (a * g) / rows)));
  return { eigenvalues, bases };
}
