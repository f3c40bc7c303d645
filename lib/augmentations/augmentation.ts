import type { Tensor } from '@tensorflow/tfjs';
import type { Shape } from '../ndarray';

/** A random change of the inputs of a model that leaves their targets as they are. */
export interface Augmentation {
  readonly name: string;
  /**
   * Fixes the shape of one input (without the batch axis).
   * @throws CredenceError E_SHAPE if such inputs cannot be changed so
   */
  build(inputShape: Shape): BuiltAugmentation;
}

/** An augmentation that knows the shape of its input. */
export interface BuiltAugmentation {
  /** Uniform random numbers that each datum needs. */
  readonly uniforms: number;
  /**
   * Changes each datum by its own numbers, in plain tfjs, so that it can be compiled into the training step.
   * @param x [B, ...inputShape]
   * @param uniforms [B, uniforms], in [0, 1)
   * @returns [B, ...inputShape]
   */
  apply(x: Tensor, uniforms: Tensor): Tensor;
}
