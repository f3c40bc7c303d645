/**
 * Reverse-mode gradients beyond `tf.customGrad`: for operations with several results, told which inputs need a gradient, and safe
 * wherever they are called. A compiled function or region gets its gradient in two halves:
 *
 *     const operation = withGradient(
 *       (args) => forward(args),                                   // any number of results
 *       (args, results, dys, needed) => backward(args, dys),       // a gradient for each needed input, null for the others
 *     );
 *
 * where `backward` may be written by hand, or be `vjp(fn, args, dys, needed)`: what tfjs's autodiff makes of `fn`, which can be traced
 * into a compiled function of [...args, ...dys] of its own. Both may be used while a function is traced or not, and in the middle of
 * another gradient. Gradients of gradients work as far as `backward` itself is differentiable.
 */
import * as tf from '@tensorflow/tfjs';

/** How tfjs runs an operation of one's own: what `tf.customGrad` uses, but for any number of results. */
interface CustomKernels {
  runKernelFunc(kernel: {
    inputs: Readonly<Record<string, tf.Tensor>>;
    attrs: object;
    forwardFunc: (backend: tf.KernelBackend, save: tf.GradSaveFunc) => tf.Tensor[];
    backwardsFunc: (
      dys: tf.Tensor | tf.Tensor[],
      saved: readonly tf.Tensor[],
    ) => Record<string, () => tf.Tensor>;
  }): tf.Tensor[];
}

type Tape = ReturnType<typeof tf.engine>['state']['activeTape'];

/** The tensors of a tape that depend on those the gradient is taken of, as far as the tape was looked through. */
interface Reach {
  reached: Set<number>;
  next: number;
}

const reaches = new WeakMap<Tape, Reach>();

// tfjs does not tell an operation which of its inputs need a gradient, and its tape does not know of what it is taken
{
  const engine = tf.engine();
  const gradients = engine.gradients.bind(engine);
  engine.gradients = <T extends tf.Tensor>(f: () => T, xs: tf.Tensor[], dy?: T, allowNoGradients?: boolean) =>
    gradients(
      () => {
        const { activeTape } = engine.state;
        const reached = reaches.get(activeTape)?.reached ?? new Set();
        for (const { id } of xs) reached.add(id);
        reaches.set(activeTape, { reached, next: 0 });
        return f();
      },
      xs,
      dy,
      allowNoGradients,
    );
}

/** Whether the gradient that is being recorded needs that of these tensors. */
function watched(tape: Tape, tensors: readonly tf.Tensor[]): boolean[] {
  const reach = reaches.get(tape);
  if (!reach) return tensors.map(() => true);
  for (; reach.next < tape.length; reach.next++) {
    const { inputs, outputs } = tape[reach.next]!;
    if (Object.values(inputs).some(({ id }) => reach.reached.has(id)))
      for (const { id } of outputs) reach.reached.add(id);
  }
  return tensors.map(({ id }) => reach.reached.has(id));
}

/**
 * Makes one operation of tfjs's tape of `forward`.
 * @param forward not recorded; each result is a new tensor
 * @param backward gets the arguments and results of that call, the gradient with respect to each result, and which arguments need
 *   one; the gradient of an argument has its shape, null stands for zeros
 */
export function withGradient(
  forward: (args: readonly tf.Tensor[]) => tf.Tensor[],
  backward: (
    args: readonly tf.Tensor[],
    results: readonly tf.Tensor[],
    dys: readonly tf.Tensor[],
    needed: readonly boolean[],
  ) => readonly (tf.Tensor | null)[],
): (...args: tf.Tensor[]) => tf.Tensor[] {
  return (...args) => {
    const engine = tf.engine();
    const reached = engine.isTapeOn() ? watched(engine.state.activeTape, args) : [];
    const needed = reached.map((each, i) => each && args[i]!.dtype === 'float32');
    const results = (engine as unknown as CustomKernels).runKernelFunc({
      inputs: Object.fromEntries(args.entries()),
      attrs: {},
      forwardFunc: (_backend, save) => {
        // at once: a variable may be assigned by the operation that reads it
        if (needed.includes(true)) save([...args]);
        return forward(args);
      },
      backwardsFunc: (dys, saved) => {
        const gradients = backward(
          saved.slice(0, args.length),
          saved.slice(args.length),
          [dys].flat(),
          needed,
        );
        // clones, since tfjs disposes of the parts of a sum, and two inputs may have the same gradient
        return Object.fromEntries(args.map((x, i) => [i, () => tf.clone(gradients[i] ?? tf.zeros(x.shape))]));
      },
    });
    if (needed.includes(true)) {
      // after the operation, so that a second gradient sees how the results depend on the arguments
      const { saved } = engine.state.activeTape.at(-1)!;
      saved!.push(...results.map((tensor) => tf.keep(tf.clone(tensor))));
    }
    return results;
  };
}

/** Runs `work` with a tape of its own, unless its gradient is being recorded: then that tape must see it. */
function onTape<T>(work: () => T): T {
  const engine = tf.engine();
  const { state } = engine;
  if (engine.isTapeOn()) return work();
  const { activeTape, gradientDepth, kernelDepth } = state;
  Object.assign(state, { activeTape: null, gradientDepth: 0, kernelDepth: 0 });
  try {
    return work();
  } finally {
    Object.assign(state, { activeTape, gradientDepth, kernelDepth });
  }
}

/**
 * The vector-Jacobian product of `fn` at `xs`: the gradient of sum_k <fn(xs)[k], dys[k]> with respect to each x, or null where it is
 * not needed or `fn` does not depend on x. Calls `fn` once. Results that are not float32 have no gradient: their dy is ignored.
 */
export function vjp(
  fn: (...xs: tf.Tensor[]) => tf.Tensor | tf.Tensor[],
  xs: readonly tf.Tensor[],
  dys: readonly tf.Tensor[],
  needed: readonly boolean[],
): (tf.Tensor | null)[] {
  if (!needed.includes(true)) return xs.map(() => null);
  const run = (): tf.Tensor[] => {
    // on a tape that goes on, one x may be made of another: their gradients are partial ones
    const points = tf.engine().isTapeOn() ? xs.map((x) => tf.clone(x)) : xs;
    /** A number whose gradient with respect to each result is its dy. */
    const seed = (): tf.Tensor => {
      const results = [fn(...points)].flat();
      const smooth = [...results.keys()].filter((k) => results[k]!.dtype === 'float32');
      const inject = tf.customGrad(() => ({
        value: tf.scalar(0),
        gradFunc: () => smooth.map((k) => tf.clone(dys[k]!)),
      }));
      return inject(...smooth.map((k) => results[k]!));
    };
    const wanted = points.filter((_, i) => needed[i]);
    return tf.engine().gradients(seed, wanted, undefined, true).grads;
  };
  const gradients: (tf.Tensor | undefined)[] = onTape(() => tf.tidy(run));
  let next = 0;
  return xs.map((_, i) => (needed[i] ? (gradients[next++] ?? null) : null));
}
