import { createHash } from 'node:crypto';
import { CredenceError } from '../../errors';
import { sizeOf, type Shape } from '../../ndarray';
import {
  type Attribute,
  AttributeType,
  boolAttribute,
  functionAttribute,
  graphSetters,
  setAttribute,
  typeAttribute,
} from './attributes';
import { capi, cString, type GraphOutput, pack, type Pointer } from './capi';
import type { Context, Handle } from './context';
import { defineFunction } from './definition';
import { describeCall } from './describe';
import {
  type CompiledFunction,
  compiledFunctions,
  type FunctionDefinition,
  functionPointers,
  type TensorDescription,
} from './functions';
import { DataType } from './dtype';
import { inputKinds } from './opDef';
import { Status } from './status';

/** A tensor of a graph: what it will be is known (shape, type), its values are not. Ids are negative. */
export interface Node {
  id: number;
  shape: number[];
  dtype: number;
}

/** How the names of compiled functions begin. */
const functionPrefix = 'credence_';

let nextId = -2; // ids of graph tensors: tfjs leaves the disposal of negative ids to us

/**
 * Whether a function is compiled with XLA: itself (true), only the functions it calls that ask for it (false), or not even those
 * ('never').
 * @inline
 */
export type Xla = boolean | 'never';

/**
 * A TensorFlow graph under construction. Its content is hashed as it grows, so that equal functions get equal names:
 * whoever builds the same function again, in whatever closure or run, gets the compiled one.
 */
export class Graph {
  private readonly c = capi();
  private readonly pointer = this.c.TF_NewGraph();
  private readonly setters = graphSetters();
  private readonly status = new Status();
  private readonly nodes = new Map<number, GraphOutput & { label: string; node: Node }>();
  private readonly nested = new Map<string, CompiledFunction>();
  private readonly copied = new Set<string>();
  private readonly captured = new Map<number, Node>();
  private readonly inputs: (GraphOutput & TensorDescription)[] = [];
  private readonly deferred = new Map<number, Node>();
  private readonly late: Node[] = [];
  private readonly hash = createHash('sha256');
  private operations = 0;
  private elements = 0;

  constructor(
    private readonly context: Context,
    readonly xla: Xla = false,
    /** The graph whose tensors become arguments where they are read; without one, reading them is refused. */
    private readonly enclosing?: Graph,
  ) {}

  /** Adds an argument of the function to be. */
  input(shape: Shape, dtype: number): Node {
    const oper = this.placeholder(shape, dtype);
    return this.register(oper, 0, shape, dtype);
  }

  /** A tensor that becomes an argument, after those that are there then, if it is read. */
  deferredInput(shape: Shape, dtype: number): Node {
    const node = { id: nextId--, shape: [...shape], dtype };
    this.deferred.set(node.id, node);
    return node;
  }

  /** The tensors that became arguments because they were read, in that order: deferred inputs, and tensors of the enclosing graph. */
  get lateInputs(): readonly Node[] {
    return this.late;
  }

  private placeholder(shape: Shape, dtype: number): Pointer {
    const op = this.start('Placeholder');
    this.set(op, typeAttribute('dtype', dtype));
    this.set(op, { name: 'shape', type: AttributeType.shape, value: shape });
    this.hash.update(`input ${dtype} ${shape.join()};`);
    const oper = this.finish(op, 'an input');
    this.inputs.push({ oper, index: 0, shape: [...shape], dtype });
    return oper;
  }

  /** A tensor that exists already becomes a constant of the function, once however often it is used. */
  capture(id: number, handle: Handle): Node {
    let node = this.captured.get(id);
    if (!node) this.captured.set(id, (node = this.constant(handle)));
    return node;
  }

  private constant(handle: Handle): Node {
    const { c, context } = this;
    const [dtype, shape] = [context.typeOf(handle), context.shapeOf(handle)];
    const uniform = this.uniformValue(handle, dtype, shape);
    if (uniform) return uniform;
    const tensor = context.resolve(handle);
    const op = this.start('Const');
    c.TF_SetAttrTensor(op, cString('value'), tensor, this.status.pointer);
    this.set(op, typeAttribute('dtype', dtype));
    c.TF_DeleteTensor(tensor);
    const values = context.read(handle);
    this.hash.update(`const ${dtype} ${shape.join()} `);
    for (const bytes of Array.isArray(values) ? values : [values]) {
      this.hash.update(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    }
    return this.register(this.finish(op, 'a constant'), 0, shape, dtype);
  }

  /** tfjs's gradients make large constants of ones and zeros: keep one number, not the array. */
  private uniformValue(handle: Handle, dtype: number, shape: number[]): Node | undefined {
    if (dtype !== DataType.float32 || sizeOf(shape) <= 16) return undefined;
    const values = this.context.read(handle) as Float32Array;
    const first = values[0]!;
    if (!values.every((value) => value === first)) return undefined;
    const scalar = this.context.tensor(DataType.float32, [], Float32Array.of(first));
    const dims = this.context.tensor(DataType.int32, [shape.length], Int32Array.from(shape));
    const inputs = [this.constant(dims).id, this.constant(scalar).id];
    this.context.free(scalar);
    this.context.free(dims);
    const attributes = [typeAttribute('T', dtype), typeAttribute('index_type', DataType.int32)];
    return this.add('Fill', attributes, inputs, 1)[0]!;
  }

  /** Adds an operation (or a call of a compiled function, see `call`). */
  add(name: string, attributes: readonly Attribute[], inputs: readonly number[], outputs: number): Node[] {
    return this.addOperation(name, attributes, inputs, inputKinds(this.pointer, name, this.status), outputs);
  }

  /** Adds a call of a compiled function. */
  call(callee: CompiledFunction, inputs: readonly number[]): Node[] {
    this.include(callee);
    this.elements += callee.elements;
    return this.addOperation(
      callee.name,
      this.xla === 'never' ? [] : callee.attributes,
      inputs,
      callee.inputs.map(() => false),
      callee.outputs.length,
      callee.outputs,
    );
  }

  /**
   * Adds a loop over a list of tensors: while `condition` (-> bool) holds, `body` makes a new list of the same shapes and types.
   * Both take the whole list.
   */
  loop(condition: CompiledFunction, body: CompiledFunction, inputs: readonly number[]): Node[] {
    [condition, body].forEach((callee) => this.include(callee));
    const attributes = [functionAttribute('cond', condition.name), functionAttribute('body', body.name)];
    return this.addOperation('StatelessWhile', attributes, inputs, [true], body.outputs.length, body.outputs);
  }

  private include(callee: CompiledFunction): void {
    if (this.nested.has(callee.name)) return;
    this.nested.set(callee.name, callee);
    this.copyIn(callee);
    this.context.load(callee.definitions);
  }

  /** Makes a function known to this graph, after those that it calls itself. */
  private copyIn({ definitions }: CompiledFunction): void {
    const { c, status, copied } = this;
    for (const { name } of definitions) {
      if (copied.has(name)) continue;
      const pointer = functionPointers.get(name);
      if (pointer === undefined)
        throw new CredenceError('E_TRACE', `function ${name} was not made in this thread`);
      c.TF_GraphCopyFunction(this.pointer, pointer, null, status.pointer);
      status.check('a nested function');
      copied.add(name);
    }
  }

  private addOperation(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    kinds: readonly boolean[],
    outputs: number,
    described?: CompiledFunction['outputs'],
  ): Node[] {
    const { c, status } = this;
    const sources = inputs.map((id) => this.lookup(id, name));
    const op = this.start(name);
    const lists = kinds.filter(Boolean).length;
    if (lists > 1)
      throw new CredenceError(
        'E_TRACE',
        `operation ${name} takes several lists of tensors, which cannot be compiled`,
      );
    let next = 0;
    for (const isList of kinds) {
      if (!isList) c.TF_AddInput(op, sources[next++]!);
      else {
        const length = sources.length - (kinds.length - 1);
        c.TF_AddInputList(op, pack(sources.slice(next, next + length)), length);
        next += length;
      }
    }
    for (const attribute of attributes) this.set(op, attribute);
    this.hash.update(`${name} ${JSON.stringify(attributes)} ${sources.map(({ label }) => label).join()};`);
    const oper = this.finish(op, () =>
      describeCall(
        name.startsWith(functionPrefix) ? 'a compiled function' : name,
        inputs.map((id) => this.node(id)),
      ),
    );
    return Array.from({ length: outputs }, (_, index) => {
      const output = { oper, index };
      const known = described?.[index];
      if (known) {
        c.TF_GraphSetTensorShape(
          this.pointer,
          output,
          BigInt64Array.from(known.shape, BigInt),
          known.shape.length,
          status.pointer,
        );
        status.check(`the shape of ${name}`);
      }
      return this.register(
        oper,
        index,
        known?.shape ?? this.inferShape(output, name),
        c.TF_OperationOutputType(output),
      );
    });
  }

  /** Shapes must be known while tracing: a compiled function has static shapes. */
  private inferShape(output: GraphOutput, name: string): number[] {
    const { c, status } = this;
    const rank = c.TF_GraphGetTensorNumDims(this.pointer, output, status.pointer);
    status.check(`the shape of ${name}`);
    const dims = new BigInt64Array(Math.max(rank, 0));
    if (rank > 0) c.TF_GraphGetTensorShape(this.pointer, output, dims, rank, status.pointer);
    status.check(`the shape of ${name}`);
    if (rank < 0 || dims.some((length) => length < 0n)) {
      throw new CredenceError(
        'E_TRACE',
        `the shape that ${name} returns depends on values, not only on shapes, so that it cannot be compiled: call it outside and pass the result as an argument, or keep the shape and mask what is not wanted (tf.where)`,
      );
    }
    return Array.from(dims, Number);
  }

  private lookup(id: number, name: string): GraphOutput & { label: string; node: Node } {
    const found = this.nodes.get(id) ?? this.lateInput(id);
    if (!found) {
      throw new CredenceError(
        'E_TRACE',
        `${name} uses a tensor from another compiled function: pass it as an argument or return it as a result`,
      );
    }
    return found;
  }

  private lateInput(id: number): (GraphOutput & { label: string; node: Node }) | undefined {
    const node = this.deferred.get(id) ?? this.enclosing?.known(id);
    if (!node) return undefined;
    const output = {
      oper: this.placeholder(node.shape, node.dtype),
      index: 0,
      label: `${this.operations}:0`,
      node,
    };
    this.nodes.set(id, output);
    this.late.push(node);
    return output;
  }

  private known(id: number): Node | undefined {
    return this.nodes.get(id)?.node ?? this.deferred.get(id) ?? this.enclosing?.known(id);
  }

  private start(name: string): Pointer {
    return this.c.TF_NewOperation(this.pointer, cString(name), cString(`n${this.operations++}`));
  }

  private set(op: Pointer, attribute: Attribute): void {
    setAttribute(this.setters, op, attribute, this.status);
  }

  private finish(op: Pointer, what: string | (() => string)): Pointer {
    const oper = this.c.TF_FinishOperation(op, this.status.pointer);
    this.status.check(what);
    return oper;
  }

  private register(oper: Pointer, index: number, shape: Shape, dtype: number): Node {
    const node = { id: nextId--, shape: [...shape], dtype };
    this.elements += sizeOf(shape);
    this.nodes.set(node.id, { oper, index, label: `${this.operations}:${index}`, node });
    return node;
  }

  /** Whoever reads the tensor `id` from now on reads `other`. */
  alias(id: number, other: number): void {
    this.nodes.set(id, this.nodes.get(other)!);
  }

  /** What is known of a tensor of this graph. */
  node(id: number): Node {
    return this.lookup(id, 'a result').node;
  }

  /** Closes the graph into a function with these results. Equal functions are made once per thread. */
  toFunction(results: readonly number[]): CompiledFunction {
    const outputs = results.map((id) => this.lookup(id, 'a result'));
    const label = outputs.map(({ label }) => label).join();
    const name = `${functionPrefix}${this.hash.copy().update(`results ${label} ${this.xla}`).digest('hex').slice(0, 24)}`;
    const made = compiledFunctions.get(name);
    if (made) return made;
    const definitions = new Map<string, FunctionDefinition>();
    for (const callee of this.nested.values())
      for (const each of callee.definitions) definitions.set(each.name, each);
    definitions.set(name, defineFunction(this.pointer, name, this.inputs, outputs, this.status));
    const compiled: CompiledFunction = {
      name,
      inputs: this.inputs.map(({ shape, dtype }) => ({ shape, dtype })),
      outputs: outputs.map(({ node: { shape, dtype } }) => ({ shape, dtype })),
      definitions: [...definitions.values()],
      elements: this.elements,
      attributes: this.xla === true ? [boolAttribute('_XlaMustCompile', true)] : [],
    };
    compiledFunctions.set(name, compiled);
    return compiled;
  }

  dispose(): void {
    this.c.TF_DeleteGraph(this.pointer);
    this.status.dispose();
  }
}
