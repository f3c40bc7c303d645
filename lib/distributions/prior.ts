import type { Tensor } from '@tensorflow/tfjs';

/** A normal posterior of a parameter, elementwise independent. */
export interface NormalParameters {
  mean: Tensor;
  /** Logarithm of the standard deviation. */
  logStd: Tensor;
}

/** What is believed of a weight before the data is seen. */
export interface Prior {
  readonly name: string;
  /** log p(w), elementwise. */
  logProb(w: Tensor): Tensor;
  /** KL(posterior || this prior), elementwise, in closed form. */
  kl(posterior: NormalParameters): Tensor;
}
