/**
 * Variables of tfjs inside compiled functions. While a function is traced, every variable holds an argument of the graph in place of
 * its value: one that is read becomes an input, one that holds something else in the end is an output, to be assigned after each call.
 * So tfjs's optimisers work as they are, also those that make variables at their first step.
 */
import * as tf from '@tensorflow/tfjs';
import { CredenceError } from '../../errors';
import { DataType } from '../native/dtype';
import type { CompiledFunction } from '../native/functions';
import type { Graph, Node } from '../native/graph';
import { tensorflow } from '../tfjs/tensorflow';
import { asTensor, call } from './trace';

/** What a variable holds while a function is traced, and what it held before. */
interface Loan {
  variable: tf.Variable;
  argument: tf.DataId;
  value: tf.DataId;
}

/** Lets a variable hold other data; the data it held stays alive only if something else refers to it. */
function hold(variable: tf.Variable, data: tf.DataId): void {
  tf.engine().disposeTensor(variable);
  variable.dataId = data;
}

/** The innermost function that is being traced with its variables. */
let current: TracedVariables | undefined;
const enter = (traced: TracedVariables | undefined): void => {
  current = traced;
};

// a variable that is made while tracing starts with a value, not with a tensor of the graph
{
  const engine = tf.engine();
  const makeVariable = engine.makeVariable.bind(engine);
  engine.makeVariable = (initial, ...rest) => {
    const variable = makeVariable(initial, ...rest);
    current?.adopt(variable);
    return variable;
  };
}

/** A variable and the tensor that it is to hold after a call. */
export interface Assignment {
  variable: tf.Variable;
  value: tf.Tensor;
}

/** The variables of one function that is being traced. */
export class TracedVariables {
  private readonly loans = new Map<number, Loan>();
  private readonly outer = current;

  /**
   * @param graph the function's graph
   * @param outerGraph the graph that was being traced before, if any
   * @param args what the function is called with, if that is known: needed where a variable is made of it
   */
  constructor(
    private readonly graph: Graph,
    private readonly outerGraph: Graph | undefined,
    private readonly args: readonly tf.Tensor[] | undefined,
  ) {}

  /**
   * Runs the function while its graph is being traced.
   * @returns its results, and what it assigned
   * @throws CredenceError E_TRACE if it disposes of a variable
   */
  trace<T>(work: () => T): { result: T; assignments: Assignment[] } {
    Object.values(tf.engine().registeredVariables).forEach((variable) => this.lend(variable));
    enter(this);
    try {
      const result = work();
      this.assertNoneDisposed();
      const assignments = [...this.loans.values()]
        .filter(({ variable, argument }) => variable.dataId !== argument)
        .map(({ variable }) => ({ variable, value: tf.clone<tf.Tensor>(variable) }));
      return { result, assignments };
    } finally {
      enter(this.outer);
      this.restore();
    }
  }

  private assertNoneDisposed(): void {
    const disposed = [...this.loans.values()].find(({ variable }) => variable.isDisposed);
    if (!disposed) return;
    throw new CredenceError(
      'E_TRACE',
      `variable '${disposed.variable.name}' was disposed of while a function was being compiled, which happens only once: dispose of it outside`,
    );
  }

  /** What the function takes after its arguments: variables that it reads, and tensors of the enclosing graph. */
  lateInputs(): (tf.Variable | Node)[] {
    return this.graph.lateInputs.map((node) => this.loans.get(node.id)?.variable ?? node);
  }

  /** A variable becomes an input even if only assigned. */
  read(variable: tf.Variable): void {
    for (const [id, loan] of this.loans) if (loan.variable === variable) this.graph.node(id);
  }

  private lend(variable: tf.Variable): void {
    const { backend } = tensorflow();
    const node = this.graph.deferredInput(variable.shape, DataType[variable.dtype as keyof typeof DataType]);
    const argument = backend.createOutputTensor(node);
    this.loans.set(node.id, { variable, argument: argument.dataId, value: variable.dataId });
    variable.dataId = argument.dataId;
    tf.engine().incRef(variable, backend);
    argument.dispose();
  }

  private restore(): void {
    for (const { variable, value } of this.loans.values()) {
      hold(variable, value);
      if (variable.isDisposed) tf.engine().disposeTensor(variable);
    }
  }

  /** Gives a new variable its first value, and makes it an argument of this function and those around it. */
  adopt(variable: tf.Variable): void {
    const { backend } = tensorflow();
    const id = backend.getInputTensorIds([variable])[0]!;
    if (id < 0) {
      const value = this.evaluate(id, variable.name);
      hold(variable, value.dataId);
      tf.engine().incRef(variable, backend);
      value.dispose();
    }
    this.lendEverywhere(variable);
  }

  private lendEverywhere(variable: tf.Variable): void {
    this.outer?.lendEverywhere(variable);
    this.lend(variable);
  }

  /** The value of a tensor of the graph for the arguments of this call. */
  private evaluate(id: number, name: string): tf.Tensor {
    const { args, outer, outerGraph } = this;
    if (!args || outerGraph !== outer?.graph) {
      throw new CredenceError(
        'E_TRACE',
        `variable '${name}' was made while a function was being compiled from shapes alone, so that its first value is not known: call the function first, or make the variable outside`,
      );
    }
    const fn = this.graph.toFunction([id]);
    const value = this.outside(() => {
      const late = this.lateInputs().map((input) => (input instanceof tf.Tensor ? input : asTensor(input)));
      return call(fn, [...args, ...late])[0]!;
    });
    return outer ? outer.evaluate(tensorflow().backend.getInputTensorIds([value])[0]!, name) : value;
  }

  /** Runs `work` as if this function were not being traced. */
  private outside<T>(work: () => T): T {
    const { binding } = tensorflow();
    const { graph } = binding;
    const loans = [...this.loans.values()];
    const held = loans.map(({ variable }) => variable.dataId);
    loans.forEach(({ variable, value }) => (variable.dataId = value));
    binding.graph = this.outerGraph;
    try {
      return work();
    } finally {
      binding.graph = graph;
      loans.forEach(({ variable }, i) => (variable.dataId = held[i]!));
    }
  }
}

/**
 * Runs `work` while variables hold other values, also for gradients: what is recorded of it leads to these values. What it assigns to
 * them is dropped.
 */
export function withValues<T>(
  variables: readonly tf.Variable[],
  values: readonly tf.Tensor[],
  work: () => T,
): T {
  const engine = tf.engine();
  const held = variables.map(({ dataId }) => dataId);
  variables.forEach((variable, i) => {
    const value = values[i]!;
    variable.dataId = value.dataId;
    engine.incRef(variable, engine.backend);
    if (!engine.isTapeOn()) return;
    engine.state.activeTape.push({
      id: engine.state.nextTapeNodeId++,
      kernelName: 'Identity',
      inputs: { x: value },
      outputs: [variable],
      gradient: ([dy]) => ({ x: () => tf.clone(dy!) }),
      saved: [],
    });
  });
  try {
    return work();
  } finally {
    variables.forEach((variable, i) => hold(variable, held[i]!));
  }
}

/** Calls a compiled function, and assigns the results after its own to variables: that frees their old values. */
export function run(
  fn: CompiledFunction,
  inputs: readonly tf.Tensor[],
  writes: readonly tf.Variable[],
): tf.Tensor[] {
  const results = call(fn, inputs);
  const values = results.splice(results.length - writes.length);
  writes.forEach((variable, i) => {
    variable.assign(values[i]!);
    values[i]!.dispose();
  });
  return results;
}
