import type { Tensor } from '@tensorflow/tfjs';

/** A normal posterior of a parameter, elementwise independent. */
export interface NormalParameters {
  mean: Tensor;
  /** Logarithm of the standard deviation. */
  logStd: Tensor;
}

/** What is believed of a weight before the data is seen. */
export interface Prior {
  /** It tells every setting: two priors of one name are taken for the same. */
  readonly name: string;
  /** log p(w), elementwise, of tfjs operations; up to a constant where the prior is improper. */
  logProb(w: Tensor): Tensor;
  /** Whether log p(w) is quadratic: then its mean depends on mean and variance of w alone. */
  readonly isQuadratic?: boolean;
  /** KL(posterior || this prior), elementwise, in closed form. Without it `divergence` integrates `logProb`. */
  kl?(posterior: NormalParameters): Tensor;
}

/** A prior whose divergence has a closed form. @inline */
export type ClosedPrior = Prior & Required<Pick<Prior, 'kl'>>;
