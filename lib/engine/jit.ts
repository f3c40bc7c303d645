import type { Tensor } from '@tensorflow/tfjs';
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

/**
 * Compiles a function of tensors on its first call with given shapes, and runs it as one call from then on. Inside
 * another compiled function it becomes a function of its own there (with `xla`, one fused region of the graph).
 * Tensors that the function reads from outside are constants of it: pass what changes as an argument.
 */
export function jit<F extends TensorFunction>(fn: F, { xla = false }: JitOptions = {}): F {
  const plans = new Map<string, { fn: CompiledFunction; single: boolean }>();
  const compiled = (...args: Tensor[]): Tensor | Tensor[] => {
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
    const results = call(plan.fn, args);
    return plan.single ? results[0]! : results;
  };
  return compiled as F;
}
