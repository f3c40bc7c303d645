/** A distribution of a real number, in double precision: what is plotted, looked up and compared. Nothing of it is traced or trained. */
export interface Distribution {
  readonly name: string;
  /** log p(x): -Infinity where the density is 0. */
  logProb(x: number): number;
  /** P(X <= x). */
  cdf(x: number): number;
  /** The x with P(X <= x) = p: the ends of the support at 0 and 1. */
  quantile(p: number): number;
  /** -E log p(X), in nats. */
  readonly entropy: number;
}

/** One whose divergence from another of its family is known in closed form. */
export interface Comparable<Parameters> extends Distribution {
  readonly parameters: Parameters;
  /** KL(this || other), in nats. */
  kl(other: { readonly parameters: Parameters }): number;
}
