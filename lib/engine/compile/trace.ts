import * as tf from '@tensorflow/tfjs';
import { CredenceError } from '../../errors';
import type { Shape } from '../../ndarray';
import type { Attribute } from '../native/attributes';
import { DataType, type TensorType } from '../native/dtype';
import type { CompiledFunction } from '../native/functions';
import { Graph, type Node, type Xla } from '../native/graph';
import { loadedEngine, tensorflow } from '../tfjs/tensorflow';

/** What is known of an argument when a function is compiled. */
export interface TensorSpec {
  shape: Shape;
  dtype: TensorType;
}

export const specOf = ({ shape, dtype }: TensorSpec): TensorSpec => ({ shape, dtype });

/** A function of tensors, written in plain tfjs. */
export type TensorFunction = (...tensors: tf.Tensor[]) => tf.Tensor | tf.Tensor[];

/** The same, where results may be of types that tfjs does not have. */
type NodeFunction = (...tensors: tf.Tensor[]) => tf.Tensor | Node | (tf.Tensor | Node)[];

const isTensor = (value: unknown): value is tf.Tensor => value instanceof tf.Tensor;
const isNode = (value: unknown): value is Node => typeof (value as Node | undefined)?.id === 'number';
/** What the backend knows a tensor by. */
const idOf = (value: tf.Tensor | Node): number =>
  isTensor(value) ? tensorflow().backend.getInputTensorIds([value])[0]! : value.id;

/** tfjs draws its random numbers in JavaScript, from a seed of `Math.random`: in a graph they would be constants. */
const noRandomNumbers = (): never => {
  throw new CredenceError(
    'E_TRACE',
    'random numbers were drawn in JavaScript (tf.randomNormal, tf.dropout, Math.random) while a function was being compiled: they would be the same at every call. Pass them as an argument',
  );
};

/**
 * Runs `work` with a clean slate of tfjs's autodiff: a function may be traced in the middle of another one's gradient,
 * whose tape must not see it.
 */
function isolated<T>(graph: Graph, work: () => T): T {
  const { binding } = tensorflow();
  const { state } = tf.engine();
  const { activeTape, gradientDepth, kernelDepth } = state;
  const { random } = Math;
  const outer = binding.graph;
  binding.graph = graph;
  Math.random = noRandomNumbers;
  Object.assign(state, { activeTape: null, gradientDepth: 0, kernelDepth: 0 });
  tf.engine().startScope('trace');
  try {
    return work();
  } finally {
    binding.graph = outer;
    Math.random = random;
    tf.engine().endScope();
    Object.assign(state, { activeTape, gradientDepth, kernelDepth });
  }
}

/**
 * Compiles a function of tensors: runs it once on tensors that have a shape but no values, and keeps the graph of
 * operations. tfjs's gradients and optimisers run while tracing, so they become part of the graph.
 * @throws CredenceError E_TRACE where the function reads a value, or a shape depends on one
 */
export function trace(
  fn: NodeFunction,
  specs: readonly TensorSpec[],
  { xla = false, enclosing }: { xla?: Xla; enclosing?: Graph } = {},
): CompiledFunction {
  const { context, binding, backend } = tensorflow();
  const graph = new Graph(context, xla, enclosing);
  try {
    return isolated(graph, () => {
      const args = specs.map(({ shape, dtype }) =>
        backend.createOutputTensor(graph.input(shape, DataType[dtype])),
      );
      const results = [fn(...args)].flat();
      const ids = results.map((result) => {
        if (isTensor(result) || isNode(result)) return idOf(result);
        throw new CredenceError('E_TRACE', 'a compiled function must return a tensor or a list of tensors');
      });
      return graph.toFunction(binding.nodes(ids));
    });
  } finally {
    graph.dispose();
  }
}

/** Whether a function is being compiled right now. */
export const isTracing = (): boolean => loadedEngine()?.binding.graph !== undefined;

/** Whether that function is one fused region, in which nothing is a region of its own. */
export const isTracingRegion = (): boolean => loadedEngine()?.binding.graph?.xla === true;

/** While compiling: whoever reads `tensor` from now on reads `other` instead, which is known to be equal. */
export function alias(tensor: tf.Tensor, other: tf.Tensor): void {
  tensorflow().binding.graph!.alias(idOf(tensor), idOf(other));
}

/**
 * An operation of TensorFlow that tfjs does not have, inside a compiled function. Its operands may be nodes of types that
 * tfjs does not have either (uint32).
 */
export function operation(
  name: string,
  attributes: readonly Attribute[],
  operands: readonly (tf.Tensor | Node)[],
): Node {
  const { binding } = tensorflow();
  if (!binding.graph) throw new CredenceError('E_TRACE', `${name} exists only inside a compiled function`);
  return binding.graph.add(name, attributes, binding.nodes(operands.map(idOf)), 1)[0]!;
}

/** A node as a tensor of tfjs. */
export const asTensor = (node: Node): tf.Tensor => tensorflow().backend.createOutputTensor(node);

/** The first result of a compiled function that is called inside another one; it may be of a type that tfjs does not have. */
export function callNode(fn: CompiledFunction, args: readonly tf.Tensor[]): Node {
  const { binding } = tensorflow();
  return binding.graph!.call(fn, binding.nodes(args.map(idOf)))[0]!;
}

/** Calls a compiled function: at once, or as part of the function that is being compiled. */
export function call(fn: CompiledFunction, args: readonly tf.Tensor[]): tf.Tensor[] {
  const { context, binding, backend } = tensorflow();
  const ids = backend.getInputTensorIds(args);
  context.load(fn.definitions);
  if (binding.graph) return binding.graph.call(fn, binding.nodes(ids)).map(asTensor);
  const handles = ids.map((id) => binding.handle(id));
  return context
    .execute(fn.name, fn.attributes, handles, fn.outputs.length)
    .map((handle) => backend.createOutputTensor(binding.adopt(handle)));
}
