/** The log marginal likelihood by Laplace's method (MacKay 1992), as a function of the precision of the prior. */

/** What it depends on. */
export interface Evidence {
  /** -log p(data | mode) */
  nll: number;
  /** Squared distance of the mode from the mean of the prior. */
  distance: number;
  /** Eigenvalues of the curvature of -log p(data | w), one for each weight. */
  eigenvalues: Float64Array;
}

/**
 * log p(data) = log p(data | mode) - d |mode - mean|^2 / 2 + (P log d - sum_i log(l_i + d)) / 2, for precision d of the prior and eigenvalues
 * l_i (MacKay 1992; Bishop 2006, eq. 4.137).
 */
export const logEvidence = ({ nll, distance, eigenvalues }: Evidence, precision: number): number =>
  -nll -
  (precision * distance) / 2 -
  eigenvalues.reduce((sum, value) => sum + Math.log1p(value / precision), 0) / 2;

/** How many weights the data determine: sum_i l_i / (l_i + d). */
export const determined = ({ eigenvalues }: Evidence, precision: number): number =>
  eigenvalues.reduce((sum, value) => sum + value / (value + precision), 0);

/** Precisions that are looked at: a prior of standard deviation 1e-5 or 1e5 says all or nothing. */
const LIMITS = [1e-10, 1e10] as const;

/**
 * The precision of most evidence, with the mode as it is. There the weights that are determined are as many as their squared distance in
 * units of the prior (Bishop 2006, eq. 3.92): the first falls with the precision and the second rises, so that halving finds the only place.
 */
export function bestPrecision(evidence: Evidence): number {
  let [low, high] = LIMITS.map(Math.log) as [number, number];
  while (high - low > 1e-9) {
    const middle = (low + high) / 2;
    const precision = Math.exp(middle);
    if (determined(evidence, precision) > precision * evidence.distance) low = middle;
    else high = middle;
  }
  return Math.exp(low);
}
