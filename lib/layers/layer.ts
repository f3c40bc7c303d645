import type { Tensor } from '@tensorflow/tfjs';
import type { Shape } from '../ndarray';

/** An array of numbers that a model learns. */
export interface Parameter {
  /** Unique in its layer: 'kernel', 'bias'. */
  name: string;
  shape: Shape;
  /** Whether a distribution over it is learned, or one value. */
  bayesian: boolean;
  /** The number of inputs that each output sums over: scales the initial values. */
  fanIn: number;
  /** Initial (mean) values: uniform in +-1/sqrt(fanIn), as torch's layers, one number, or one for each. */
  initial: 'uniform' | number | Float32Array;
  /** Whether it is a scale or an offset, as those of norms, which `convert` leaves plain. Default: where it begins at one number. */
  isScale?: boolean;
  /** Whether it is not learned but follows what `Draw.moving` sees in training: an average that predictions go by. */
  isMoving?: boolean;
}

/** What a layer makes of a whole batch, and the average of it over the batches of training. */
export interface Statistic {
  /** Of the batch at hand, for each sample: [S or 1, ...shape]. */
  ofBatch(): Tensor;
  /** How much of itself the average keeps in each step. */
  momentum: number;
  /** The average is that of so many times the statistic. */
  factor: number;
}

/**
 * The parameters of a layer while it is applied, S samples at once. How a sample is drawn is the business of the inference
 * method; a layer only says what it computes with one.
 */
export interface Draw {
  /** Samples of a parameter: [S, ...shape], or [1, ...shape] where all samples share the value. */
  value(name: string): Tensor;
  /**
   * The linear map `op(x, W)` for samples of the parameter W. Estimators that do better than sampling W need to see the
   * whole map (local reparameterisation samples its output instead).
   */
  linear(op: (x: Tensor, w: Tensor) => Tensor, x: Tensor, name: string): Tensor;
  /**
   * Independent standard normals for noise that the layer declares, [S, ...shape] for a shape [B, ...]. In predictions they are those of
   * one datum, [S, 1, ...], which all data share: a draw is a function. Undefined where the noise is off.
   */
  noise(name: string, shape: Shape): Tensor | undefined;
  /**
   * A statistic of the batch in training, differentiable, which the moving parameter `name` follows; in predictions, and wherever data are
   * looked at one by one, that parameter.
   */
  moving(name: string, statistic: Statistic): Tensor;
  /** The parameters of the part `name` of a composed layer. */
  part(name: string): Draw;
}

/** Random numbers that a layer draws beside its parameters, for each sample and datum. */
export interface Noise {
  /** Unique in its layer. */
  name: string;
  /** Whether predictions draw them, too. */
  always: boolean;
}

/** A part of a composed layer, and the name by which its parameters go there. */
export interface BuiltPart {
  name: string;
  layer: Pick<BuiltLayer, 'parameters' | 'outputShape' | 'parts' | 'noise'>;
}

/** A layer that knows the shape of its input. */
export interface BuiltLayer {
  parameters: readonly Parameter[];
  /** Shape of one output, without the sample and batch axes. */
  outputShape: Shape;
  /** The noise that it draws itself; that of its parts is theirs. */
  noise?: readonly Noise[];
  /** What a composed layer is made of. */
  parts?: readonly BuiltPart[];
  /**
   * Looks at the numbers it is to be given, [N, ...inputShape], where not all are fit: a compiled function cannot refuse them.
   * @throws CredenceError E_DATA, which names the row
   */
  checkInputs?(x: ArrayLike<number>): void;
  /** x [S or 1, B, ...inputShape] -> [S or 1, B, ...outputShape], in plain tfjs. */
  apply(draw: Draw, x: Tensor): Tensor;
}

/** A layer, or a whole model: models are layers made of layers. */
export interface Layer {
  readonly name: string;
  /**
   * Fixes the input shape (without the sample and batch axes).
   * @throws CredenceError E_SHAPE if the layer cannot take such an input
   */
  build(inputShape: Shape): BuiltLayer;
  /** The call that makes it, of the layers of this library. */
  toString(): string;
}
