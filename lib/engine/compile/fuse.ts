import type * as tf from '@tensorflow/tfjs';
import { callable, validate } from '../../validate';
import type { CompiledFunction } from '../native/functions';
import { alias, call, isTracing, isTracingRegion, specOf, trace, type TensorFunction } from './trace';
import { vjp, withGradient } from './vjp';

type Tensors = readonly tf.Tensor[];

/** The function as one region, and whether it gives one tensor or a list. */
interface Forward {
  fn: CompiledFunction;
  single: boolean;
}

/** Its gradient as one region: of arguments, results and the gradients of the results. */
interface Backward {
  fn: CompiledFunction;
  /** For each argument, the place of its gradient among the results; undefined where there is none. */
  places: readonly (number | undefined)[];
}

function traceForward(fn: TensorFunction, args: Tensors): Forward {
  let single = false;
  const observed: TensorFunction = (...inputs) => {
    const result = fn(...inputs);
    single = !Array.isArray(result);
    return result;
  };
  const region = trace(observed, args.map(specOf), { xla: true });
  return { fn: region, single };
}

function traceBackward(
  fn: TensorFunction,
  [args, results, dys]: readonly [Tensors, Tensors, Tensors],
  needed: readonly boolean[],
): Backward {
  let gradients: (tf.Tensor | null)[] = [];
  const gradient = (...inputs: tf.Tensor[]): tf.Tensor[] => {
    const [xs, dy] = [inputs.slice(0, args.length), inputs.slice(-dys.length)];
    const saved = inputs.slice(args.length, -dys.length);
    // what the gradient reads of the results is there already: computing them again is left out as dead code
    const again: TensorFunction = (...xs) => {
      const results = [fn(...xs)].flat();
      results.forEach((result, i) => alias(result, saved[i]!));
      return results;
    };
    gradients = vjp(again, xs, dy, needed);
    return gradients.filter((each) => each !== null);
  };
  const region = trace(gradient, [...args, ...results, ...dys].map(specOf), { xla: true });
  let next = 0;
  return { fn: region, places: gradients.map((each) => (each ? next++ : undefined)) };
}

/**
 * Makes one region of a function of tensors: inside a compiled function it runs as a single fused loop nest (XLA), and so does its
 * gradient, which is traced from tfjs's own. Elsewhere it is the function itself. Right for elementwise work and reductions along
 * the last axis (layer norm, GELU); matrix products, convolutions, reshapes and transposes belong outside.
 * Tensors that it reads beside its arguments are constants of it.
 */
export function fuse<F extends TensorFunction>(fn: F): F {
  validate(callable(), fn, 'fuse');
  const forwards = new Map<string, Forward>();
  const backwards = new Map<string, Backward>();
  const known = <T>(regions: Map<string, T>, key: string, make: () => T): T => {
    let region = regions.get(key);
    if (!region) regions.set(key, (region = make()));
    return region;
  };
  const forwardOf = (args: Tensors): Forward =>
    known(forwards, JSON.stringify(args.map(specOf)), () => traceForward(fn, args));

  const region = withGradient(
    (args) => call(forwardOf(args).fn, args),
    (args, results, dys, needed) => {
      const inputs = [...args, ...results, ...dys];
      const key = JSON.stringify([inputs.map(specOf), needed]);
      const make = (): Backward => traceBackward(fn, [args, results, dys], needed);
      const { fn: gradient, places } = known(backwards, key, make);
      const gradients = gradient.outputs.length > 0 ? call(gradient, inputs) : [];
      return places.map((place) => (place === undefined ? null : gradients[place]!));
    },
  );
  const fused = (...args: tf.Tensor[]): tf.Tensor | tf.Tensor[] => {
    if (!isTracing() || isTracingRegion()) return fn(...args);
    const results = region(...args);
    return forwardOf(args).single ? results[0]! : results;
  };
  return fused as F;
}
