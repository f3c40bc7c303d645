import type { Tensor } from '@tensorflow/tfjs';
import type { NdArray, Shape, TypedArray } from '../ndarray';
import type { FisherRoot } from './fisherRoot';
import type { Predictive } from './predictive';

/** The targets of a data set, as the likelihood wants them. */
export interface Targets {
  values: Int32Array | Float32Array;
  /** Shape of one target: [] for a label. */
  shape: Shape;
}

/**
 * What a prediction means: probabilities of classes, probabilities of yes for several questions, a mean with a variance, or quantiles of
 * a target.
 */
export const kinds = ['classification', 'binary', 'regression', 'quantiles'] as const;
/** 'classification', 'binary', 'regression' or 'quantiles'. */
export type Kind = (typeof kinds)[number];

/** How the outputs of a model make a distribution over targets. */
export interface Likelihood<K extends Kind = Kind> {
  readonly name: string;
  readonly kind: K;
  /** Values that are learned with the model and do not depend on the input: the noise. They start at `initial`. */
  readonly parameters: readonly { name: string; shape: 'target'; initial: number }[];
  /**
   * Checks the targets against the model's outputs.
   * @throws CredenceError E_SHAPE or E_DATA
   */
  targets(y: NdArray<TypedArray>, outputShape: Shape): Targets;
  /**
   * Negative log likelihood of each datum under each sample, [S, B].
   * @param outputs [S, B, ...]
   * @param y [B, ...]
   * @param parameters the values of `parameters`, in order
   */
  nll(outputs: Tensor, y: Tensor, parameters: readonly Tensor[]): Tensor;
  /**
   * What each sample predicts: class probabilities [S, B, C], probabilities of yes [S, B, D], mean and variance [S, B, D], or quantiles
   * [S, B, L], by kind.
   */
  predict(outputs: Tensor, parameters: readonly Tensor[]): Tensor[];
  /** Whether its noise is fitted to all samples together: one alone has no likelihood, and `nll` refuses. */
  readonly isFitted?: boolean;
  /** What its curvature is made of, where that is never negative; without it methods that go by curvature refuse it. */
  readonly fisherRoot?: FisherRoot;
  /** Of a regression whose targets are not normal: a quantile of the equal mixture of what the samples predict for one target. */
  quantile?(level: number, means: Float64Array, variances: Float64Array): number;
  /** Of quantiles: which they are, ascending numbers in (0, 1). */
  readonly levels?: readonly number[];
  /** The distribution by several samples together, for objectives that are not a sum over samples; without it they are refused. */
  readonly predictive?: Predictive;
}
