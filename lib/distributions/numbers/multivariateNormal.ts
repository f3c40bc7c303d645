import { CredenceError } from '../../errors';
import { checkList } from './arguments';
import { cholesky, halfLogDet, type Matrix, solve, squared } from './cholesky';
import { halfLog2Pi } from './gammaFunctions';

/** A normal distribution of D numbers together. */
export interface MultivariateNormal {
  readonly name: string;
  readonly mean: readonly number[];
  readonly covariance: Matrix;
  /** The lower triangular L with L L' = covariance. */
  readonly cholesky: Matrix;
  /** Logarithm of the density. */
  logProb(x: ArrayLike<number>): number;
  /** In nats. */
  readonly entropy: number;
  /** KL(this || other), in nats. */
  kl(other: Pick<MultivariateNormal, 'mean' | 'cholesky'>): number;
}

const difference = (x: ArrayLike<number>, y: readonly number[]): number[] => y.map((each, i) => x[i]! - each);

/** @throws CredenceError E_SHAPE */
function checkLength(got: number, want: number): void {
  if (got === want) return;
  throw new CredenceError('E_SHAPE', `distributions.multivariateNormal: needs ${want} numbers, got ${got}`);
}

/**
 * The normal distribution of this mean [D] and full covariance [D, D].
 * @throws CredenceError E_OPTION if the covariance is none; E_SHAPE where lengths differ
 */
export function multivariateNormal(
  mean: ArrayLike<number>,
  covariance: ArrayLike<ArrayLike<number>>,
): MultivariateNormal {
  const m = checkList(mean, 'distributions.multivariateNormal: mean');
  const matrix = Array.from(covariance, (row) =>
    checkList(row, 'distributions.multivariateNormal: covariance'),
  );
  for (const each of [matrix, ...matrix]) checkLength(each.length, m.length);
  const L = cholesky(matrix);
  if (!L) {
    throw new CredenceError(
      'E_OPTION',
      'distributions.multivariateNormal: the covariance must be symmetric and positive definite',
    );
  }
  return {
    name: `N(${m.length} numbers)`,
    mean: m,
    covariance: matrix,
    cholesky: L,
    logProb(x) {
      checkLength(x.length, m.length);
      return -0.5 * squared(solve(L, difference(x, m))) - halfLogDet(L) - m.length * halfLog2Pi;
    },
    entropy: m.length * (0.5 + halfLog2Pi) + halfLogDet(L),
    kl(other) {
      checkLength(other.mean.length, m.length);
      // tr(P^-1 C) is the squared length of P's root applied to the columns of L
      const columns = m.map((_, j) =>
        solve(
          other.cholesky,
          L.map((row) => row[j]!),
        ),
      );
      const trace = columns.reduce((sum, column) => sum + squared(column), 0);
      const distance = squared(solve(other.cholesky, difference(m, other.mean)));
      return 0.5 * (trace + distance - m.length) + halfLogDet(other.cholesky) - halfLogDet(L);
    },
  };
}
