import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { CredenceError } from '../../errors';
import { callable, describe, validate } from '../../validate';
import { compiles } from '../tfjs/backend';
import type { CompiledFunction } from '../native/functions';
import type { Xla } from '../native/graph';
import { load, serialize } from './portable';
import { Retracing } from './retracing';
import { tensorflow } from '../tfjs/tensorflow';
import { specOf, trace, type TensorFunction, type TensorSpec } from './trace';
import { type Assignment, run, TracedVariables, withValues } from './variables';
import { vjp, withGradient } from './vjp';

/** Options of `jit`. */
export interface JitOptions {
  /**
   * Compile with XLA: one fused loop in place of one kernel per operation. Right for elementwise work; costs up to a second
   * on the first call. 'never' leaves it out for the functions that are called inside, too: slower, but ready at once.
   * Default false.
   */
  xla?: Xla;
}

const options = v.strictObject({
  xla: v.optional(v.union([v.boolean(), v.literal('never')], "must be true, false or 'never'"), false),
});

/** A compiled function of tensors. */
export type Jitted<F extends TensorFunction> = F & {
  /**
   * The function for arguments like these (tensors, or their shapes and types) as bytes that `jit.load` makes a function of in any
   * thread, process or machine, without the JavaScript it was traced from. The present values of its variables go along.
   */
  serialize(...args: TensorSpec[]): Uint8Array;
};

/** A function compiled for one list of shapes. */
interface Plan {
  fn: CompiledFunction;
  /** Whether it gives one tensor or a list. */
  single: boolean;
  /** The variables that are arguments after its own, and those that take the results after its own. */
  reads: readonly tf.Variable[];
  writes: readonly tf.Variable[];
  /** Runs it as one operation of tfjs's tape: its arguments, then the variables that it reads. */
  operation: (...inputs: tf.Tensor[]) => tf.Tensor[];
}

/**
 * Compiles a function of tensors on its first call with given shapes, and runs it as one call from then on. Inside
 * another compiled function it becomes a function of its own there (with `xla`, one fused region of the graph).
 *
 * A `tf.Variable` that the function reads or assigns is read and assigned at every call, so a step of a tfjs optimiser can be
 * compiled as a whole. Everything else that it reads from outside (other tensors, numbers, an optimiser's learning rate) is a
 * constant of it: pass what changes as an argument. Gradients go through it, to arguments and variables.
 * @throws CredenceError E_TRACE where it reads a value or draws a random number in JavaScript, or a shape depends on values
 */
export function jit<F extends TensorFunction>(fn: F, given: JitOptions = {}): Jitted<F> {
  validate(callable(), fn, 'jit');
  const { xla } = validate(options, given, 'jit');
  const plans = new Map<string, Plan>();
  const retracing = new Retracing(titleOf(fn));

  const planFor = (specs: readonly TensorSpec[], args?: readonly tf.Tensor[]): Plan => {
    const mode = tensorflow().binding.graph?.xla === 'never' ? 'never' : xla;
    const key = JSON.stringify([mode, ...specs.map(specOf)]);
    let plan = plans.get(key);
    if (!plan) {
      plan = compile(fn, specs, args, mode);
      plans.set(key, plan);
      retracing.add(specs);
    }
    return plan;
  };
  const jitted = (...args: tf.Tensor[]): tf.Tensor | tf.Tensor[] => {
    if (!compiles()) return tf.tidy(() => fn(...args)); // a fallback runs operation by operation
    assertTensors(fn, args);
    const { operation, single, reads, writes } = planFor(args, args);
    assertAlive(fn, [...reads, ...writes]);
    const results = operation(...args, ...reads);
    return single ? results[0]! : results;
  };
  return Object.assign(jitted as F, {
    serialize: (...specs: TensorSpec[]): Uint8Array => {
      const plan = planFor(specs);
      assertAlive(fn, [...plan.reads, ...plan.writes]);
      return serialize(plan);
    },
  });
}

/** Makes a function of the bytes that `serialize` gave; see there. */
jit.load = load;

/** Traces a function with its variables. */
function compile(
  fn: TensorFunction,
  specs: readonly TensorSpec[],
  args: readonly tf.Tensor[] | undefined,
  xla: Xla,
): Plan {
  const { binding } = tensorflow();
  const outerGraph = binding.graph;
  let single = false;
  let variables: TracedVariables | undefined;
  let assignments: Assignment[] = [];
  const compiled = trace(
    (...inputs) => {
      variables = new TracedVariables(binding.graph!, outerGraph, args);
      const traced = variables.trace(() => {
        const result = fn(...inputs);
        single = !Array.isArray(result);
        // clones, since a variable may be a result, and holds a tensor of this graph only here
        return [result].flat().map((tensor) => tf.clone(asResult(fn, tensor)));
      });
      assignments = traced.assignments;
      return [...traced.result, ...assignments.map(({ value }) => value)];
    },
    specs,
    { xla },
  );
  const reads = variables!.lateInputs() as tf.Variable[];
  const writes = assignments.map(({ variable }) => variable);
  return {
    fn: compiled,
    single,
    reads,
    writes,
    operation: withGradient(
      (inputs) => run(compiled, inputs, writes),
      gradient(fn, specs.length, reads, writes, xla),
    ),
  };
}

/**
 * The gradient of a compiled function: compiled itself, from tfjs's autodiff, once for each set of inputs (arguments, then the
 * variables that are read) that need one. It computes the function again, which costs less memory than what tfjs would save.
 */
function gradient(
  fn: TensorFunction,
  args: number,
  reads: readonly tf.Variable[],
  writes: readonly tf.Variable[],
  xla: Xla,
): Parameters<typeof withGradient>[1] {
  const onlyWritten = writes.filter((variable) => !reads.includes(variable));
  /** The function as one of its arguments and variables, which assigns nothing. */
  const pure: TensorFunction = (...inputs) => {
    const values = [...inputs.slice(args), ...onlyWritten.map((variable) => tf.clone<tf.Tensor>(variable))];
    return withValues([...reads, ...onlyWritten], values, () => fn(...inputs.slice(0, args)));
  };
  const derivatives = new Map<string, TensorFunction>();
  const derivative = (needed: readonly boolean[]): TensorFunction => {
    const key = needed.join();
    let found = derivatives.get(key);
    if (!found) {
      found = jit<TensorFunction>(
        (...all) => {
          const inputs = all.slice(0, needed.length);
          const gradients = vjp(pure, inputs, all.slice(needed.length), needed);
          return inputs.flatMap(({ shape }, i) => (needed[i] ? [gradients[i] ?? tf.zeros(shape)] : []));
        },
        { xla },
      );
      derivatives.set(key, found);
    }
    return found;
  };
  return (inputs, _results, dys, needed) => {
    const gradients = [derivative(needed)(...inputs, ...dys)].flat();
    let next = 0;
    return needed.map((each) => (each ? gradients[next++]! : null));
  };
}

/** A function, for messages. */
const titleOf = (fn: TensorFunction): string => (fn.name ? `function '${fn.name}'` : 'the function');

const isTensor = (value: unknown): value is tf.Tensor => value instanceof tf.Tensor;

function asResult(fn: TensorFunction, result: unknown): tf.Tensor {
  if (isTensor(result)) return result;
  const hint =
    result instanceof Promise
      ? 'a promise: an asynchronous function cannot be compiled, so do what it waits for outside'
      : describe(result);
  throw new CredenceError(
    'E_TRACE',
    `${titleOf(fn)} must return a tensor or a list of tensors to be compiled, and returned ${hint}`,
  );
}

function assertTensors(fn: TensorFunction, args: readonly unknown[]): void {
  args.forEach((arg, i) => {
    if (isTensor(arg)) return;
    throw new CredenceError(
      'E_TRACE',
      `argument ${i + 1} of ${titleOf(fn)} must be a tensor, got ${describe(arg)}: a compiled function takes tensors only (tf.scalar(x) for a number)`,
    );
  });
}

function assertAlive(fn: TensorFunction, variables: readonly tf.Variable[]): void {
  const disposed = variables.find(({ isDisposed }) => isDisposed);
  if (!disposed) return;
  throw new CredenceError(
    'E_DISPOSED',
    `variable '${disposed.name}', which ${titleOf(fn)} was compiled with, was disposed of: call jit again with the variables that there are now`,
  );
}
