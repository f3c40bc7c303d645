import * as tf from '@tensorflow/tfjs';
import { CredenceError } from '../../errors';
import { callable, count as wholeNumber, validate } from '../../validate';
import { typeAttribute } from '../native/attributes';
import { DataType, nameOf } from '../native/dtype';
import type { CompiledFunction, TensorDescription } from '../native/functions';
import { Graph, type Node } from '../native/graph';
import { loadedEngine, tensorflow } from '../tfjs/tensorflow';
import { asTensor, specOf, trace } from './trace';
import { type Assignment, TracedVariables } from './variables';

/** What is done again and again: gets the number of the round (int32, [], from 0) and the state, and gives the next state. */
export type RoundFunction = (round: tf.Tensor, ...state: tf.Tensor[]) => tf.Tensor | tf.Tensor[];

/**
 * Calls `body(round, ...state)` so many times, each with the state that the call before gave, and returns the last state. Inside a
 * compiled function the body is traced once and becomes a loop of it (TensorFlow's While), whatever the count: so several small
 * training steps cost one call. In a function with `xla: true` the whole loop is compiled by XLA. Elsewhere, and where a
 * gradient is taken through it, the body is called `count` times.
 *
 * The body may read any tensor or variable, which then stays the same during the loop, and assign variables, which then change from
 * round to round. Shapes and types of the state stay the same.
 * @throws CredenceError E_TRACE if the body returns a state of other shapes or types
 */
export function repeat(count: number, body: RoundFunction, state: readonly tf.Tensor[]): tf.Tensor[] {
  validate(wholeNumber(0), count, 'repeat: count');
  validate(callable(), body, 'repeat: body');
  const graph = loadedEngine()?.binding.graph;
  return graph && count > 1 && !tf.engine().isTapeOn()
    ? loop(graph, count, body, state)
    : rounds(count, body, state);
}

function rounds(count: number, body: RoundFunction, state: readonly tf.Tensor[]): tf.Tensor[] {
  let current = state.map((tensor) => tf.clone(tensor));
  for (let round = 0; round < count; round++) {
    const next = tf.tidy(() => {
      const next = [body(tf.scalar(round, 'int32'), ...current)].flat();
      assertSameTypes(next.map(described), state.map(described));
      return next.map((tensor) => tf.clone(tensor));
    });
    current.forEach((tensor) => tensor.dispose());
    current = next;
  }
  return current;
}

const described = ({ shape, dtype }: tf.Tensor): TensorDescription => ({
  shape,
  dtype: DataType[dtype as keyof typeof DataType],
});
const format = (tensors: readonly TensorDescription[]): string =>
  tensors.map(({ shape, dtype }) => `${nameOf(dtype)}[${shape.join()}]`).join(', ');

function assertSameTypes(next: readonly TensorDescription[], state: readonly TensorDescription[]): void {
  if (format(next) === format(state)) return;
  throw new CredenceError(
    'E_TRACE',
    `the body of repeat must return a state like the one it gets, (${format(state)}), and returned (${format(next)})`,
  );
}

/** The loop as one operation of the graph. What it carries: the round, the state, then what the body reads from outside. */
function loop(graph: Graph, count: number, body: RoundFunction, state: readonly tf.Tensor[]): tf.Tensor[] {
  const { binding, backend } = tensorflow();
  const start = [tf.scalar(0, 'int32'), ...state];
  const { fn, late, assigned } = traceBody(graph, body, start);
  const idOf = (tensor: tf.Tensor): number => backend.getInputTensorIds([tensor])[0]!;
  const ids = [
    ...start.map(idOf),
    ...late.map((input) => (input instanceof tf.Tensor ? idOf(input) : input.id)),
  ];
  const results = graph.loop(roundIsBelow(count, fn.inputs), fn, binding.nodes(ids));
  for (const variable of assigned) variable.assign(asTensor(results[start.length + late.indexOf(variable)]!));
  return results.slice(1, start.length).map(asTensor);
}

/** The body as a function of the whole state of the loop, that reads nothing from outside. */
function traceBody(
  outer: Graph,
  body: RoundFunction,
  start: readonly tf.Tensor[],
): { fn: CompiledFunction; late: (tf.Variable | Node)[]; assigned: tf.Variable[] } {
  const { binding, backend } = tensorflow();
  let late: (tf.Variable | Node)[] = [];
  let assignments: Assignment[] = [];
  const fn = trace(
    (round, ...state) => {
      const graph = binding.graph!;
      const variables = new TracedVariables(graph, outer, start);
      const traced = variables.trace(() => {
        const next = [body(round, ...state)].flat();
        assertSameTypes(next.map(described), state.map(described));
        return next.map((tensor) => tf.clone(tensor));
      });
      assignments = traced.assignments;
      // what is only assigned or returned is part of the state as well
      assignments.forEach(({ variable }) => variables.read(variable));
      const results = [...traced.result, ...assignments.map(({ value }) => value)];
      for (const id of backend.getInputTensorIds(results)) if (id < 0) graph.node(id);
      late = variables.lateInputs();
      const kept = late.map(
        (input, i) => assignments.find(({ variable }) => variable === input)?.value ?? graph.lateInputs[i]!,
      );
      return [tf.add(round, tf.scalar(1, 'int32')), ...traced.result, ...kept];
    },
    start.map(specOf),
    { xla: outer.xla, enclosing: outer },
  );
  return { fn, late, assigned: assignments.map(({ variable }) => variable) };
}

/** Whether the round, which comes first, is below `count`. */
function roundIsBelow(count: number, inputs: readonly TensorDescription[]): CompiledFunction {
  const { context } = tensorflow();
  const graph = new Graph(context);
  const limit = context.tensor(DataType.int32, [], Int32Array.of(count));
  try {
    const [round] = inputs.map(({ shape, dtype }) => graph.input(shape, dtype));
    const ids = [round!.id, graph.capture(0, limit).id];
    return graph.toFunction([graph.add('Less', [typeAttribute('T', DataType.int32)], ids, 1)[0]!.id]);
  } finally {
    context.free(limit);
    graph.dispose();
  }
}
