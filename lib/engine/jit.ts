import * as tf from '@tensorflow/tfjs';
import { CredenceError } from '../errors';
import type { CompiledFunction } from './functions';
import type { Xla } from './graph';
import { call, specOf, trace, type TensorFunction } from './trace';

export interface JitOptions {
  /**
   * Compile with XLA: one fused loop in place of one kernel per operation. Right for elementwise work; costs up to a second
   * on the first call. 'never' leaves it out for the functions that are called inside, too: slower, but ready at once.
   * Default false.
   */
  xla?: Xla;
}

/** A compiled function, and whether it gives one tensor or a list. */
interface Plan {
  fn: CompiledFunction;
  single: boolean;
}

/**
 * Compiles a function of tensors on its first call with given shapes, and runs it as one call from then on. Inside
 * another compiled function it becomes a function of its own there (with `xla`, one fused region of the graph).
 * Tensors that the function reads from outside are constants of it: pass what changes as an argument.
 */
export function jit<F extends TensorFunction>(fn: F, { xla = false }: JitOptions = {}): F {
  const plans = new Map<string, Plan>();
  const compiled = (...args: tf.Tensor[]): tf.Tensor | tf.Tensor[] => {
    const specs = args.map(specOf);
    const key = JSON.stringify(specs);
    let plan = plans.get(key);
    if (!plan) {
      let single = false;
      const observed: TensorFunction = (...inputs) => {
        const result = fn(...inputs);
        single = !Array.isArray(result);
        return result;
      };
      plan = { fn: trace(observed, specs, { xla }), single };
      plans.set(key, plan);
    }
    return withoutGradient(plan, args);
  };
  return compiled as F;
}

/** How tfjs records an operation of one's own: what `tf.customGrad` uses, but for any number of results. */
interface CustomKernels {
  runKernelFunc(kernel: {
    inputs: Readonly<Record<string, tf.Tensor>>;
    attrs: object;
    forwardFunc: () => tf.Tensor | tf.Tensor[];
    backwardsFunc: () => never;
  }): tf.Tensor | tf.Tensor[];
}

/**
 * Calls a plan as one operation of tfjs's tape. Its gradient is not known, and must not be taken for zero: who needs it gives the
 * call one with `tf.customGrad`.
 */
function withoutGradient({ fn, single }: Plan, args: readonly tf.Tensor[]): tf.Tensor | tf.Tensor[] {
  const engine = tf.engine() as unknown as CustomKernels;
  return engine.runKernelFunc({
    inputs: Object.fromEntries(args.entries()),
    attrs: {},
    forwardFunc: () => {
      const results = call(fn, args);
      return single ? results[0]! : results;
    },
    backwardsFunc: () => {
      throw new CredenceError(
        'E_TRACE',
        'a gradient through a jitted function was asked for: take the gradient inside it, or wrap it in tf.customGrad',
      );
    },
  });
}
