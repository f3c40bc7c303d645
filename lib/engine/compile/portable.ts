/**
 * Compiled functions as bytes, for other threads, processes and machines:
 *
 *     'CREDFN' and a version byte | length of the header (uint32, little-endian) | header (JSON) | definitions | values of variables | SHA-256
 */
import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { CredenceError } from '../../errors';
import { sizeOf } from '../../ndarray';
import { boolAttribute } from '../native/attributes';
import { importFunction } from '../native/definition';
import { DataType, nameOf } from '../native/dtype';
import type { CompiledFunction, TensorDescription } from '../native/functions';
import { signatureOf } from '../native/opDef';
import { Status } from '../native/status';
import { tensorflow } from '../tfjs/tensorflow';
import type { TensorFunction, TensorSpec } from './trace';
import { run } from './variables';
import { withGradient } from './vjp';

/** A compiled function with its variables, as `jit` keeps it. */
export interface PortableFunction {
  fn: CompiledFunction;
  /** Whether it gives one tensor or a list. */
  single: boolean;
  /** The variables that are arguments after its own, and those that take the results after its own. */
  reads: readonly tf.Variable[];
  writes: readonly tf.Variable[];
}

/** A function made of bytes. */
export type LoadedFunction = TensorFunction & {
  /** The arguments it takes. */
  readonly inputs: readonly TensorSpec[];
  /** Its own variables: they start as they were when it was serialised, and change as it is called. */
  readonly variables: readonly tf.Variable[];
};

const MAGIC = Buffer.from('CREDFN\x01', 'latin1');
const CHECKSUM = 32;

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const description = v.strictObject({ shape: v.array(count), dtype: count });
const headerSchema = v.strictObject({
  name: v.string(),
  xla: v.boolean(),
  elements: v.number(),
  single: v.boolean(),
  inputs: v.array(description),
  outputs: v.array(description),
  /** How many of the variables, which come in this order, are inputs. */
  reads: count,
  variables: v.array(
    v.strictObject({
      shape: v.array(count),
      dtype: v.picklist(['float32', 'int32', 'bool']),
      trainable: v.boolean(),
    }),
  ),
  /** Which variables the last outputs are for. */
  writes: v.array(count),
  definitions: v.array(v.strictObject({ name: v.string(), length: count })),
});
type Header = v.InferOutput<typeof headerSchema>;

const bytesOf = (view: ArrayBufferView): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/** The arrays of the types that variables may have. */
const arrays = {
  float32: Float32Array,
  int32: Int32Array,
  bool: Uint8Array,
} as const;
type VariableType = keyof typeof arrays;
const isVariableType = (dtype: string): dtype is VariableType => dtype in arrays;

/** @throws CredenceError E_TRACE if a variable holds text or complex numbers */
export function serialize({ fn, single, reads, writes }: PortableFunction): Uint8Array {
  const variables = [...new Set([...reads, ...writes])];
  const other = variables.find(({ dtype }) => !isVariableType(dtype));
  if (other)
    throw new CredenceError(
      'E_TRACE',
      `variable '${other.name}' is of type ${other.dtype}, which cannot be serialised: pass it as an argument`,
    );
  const header: Header = {
    name: fn.name,
    xla: fn.attributes.length > 0,
    elements: fn.elements,
    single,
    inputs: [...fn.inputs],
    outputs: [...fn.outputs],
    reads: reads.length,
    variables: variables.map(({ shape, dtype, trainable }) => ({
      shape,
      dtype: dtype as VariableType,
      trainable,
    })),
    writes: writes.map((variable) => variables.indexOf(variable)),
    definitions: fn.definitions.map(({ name, bytes }) => ({ name, length: bytes.length })),
  };
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  const values = variables.map((variable) => bytesOf(variable.dataSync()));
  const content = [MAGIC, length, json, ...fn.definitions.map(({ bytes }) => bytes), ...values];
  return new Uint8Array(Buffer.concat([...content, checksum(content)]));
}

function checksum(parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

const corrupt = (what: string): CredenceError =>
  new CredenceError(
    'E_FILE',
    `these bytes are not a compiled function: ${what}. Pass what serialize() of a jitted function gave, unchanged`,
  );

/** Cuts bytes into parts one after the other. */
class Reader {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  take(length: number): Uint8Array {
    const part = this.bytes.subarray(this.at, (this.at += length));
    if (part.length < length) throw corrupt('they end too early');
    return part;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }
}

/** Takes bytes apart, and believes nothing that C would believe. */
function parse(bytes: Uint8Array): { header: Header; definitions: Uint8Array[]; values: Uint8Array[] } {
  if (!(bytes instanceof Uint8Array)) throw corrupt('they must be a Uint8Array');
  if (!MAGIC.equals(bytes.subarray(0, MAGIC.length)))
    throw corrupt('they begin otherwise, or are of another version');
  const content = bytes.subarray(0, -CHECKSUM);
  if (!checksum([content]).equals(bytes.subarray(-CHECKSUM))) throw corrupt('their checksum is wrong');
  const reader = new Reader(content);
  reader.take(MAGIC.length);
  const length = Buffer.from(reader.take(4)).readUInt32LE();
  const header = parseHeader(reader.take(length));
  const definitions = header.definitions.map(({ length }) => reader.take(length));
  const values = header.variables.map(({ shape, dtype }) =>
    reader.take(sizeOf(shape) * arrays[dtype].BYTES_PER_ELEMENT),
  );
  if (reader.left > 0) throw corrupt('there are too many');
  return { header, definitions, values };
}

function parseHeader(bytes: Uint8Array): Header {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    throw corrupt('their header is not JSON');
  }
  const { success, output: header } = v.safeParse(headerSchema, json);
  if (!success) throw corrupt('their header lacks something');
  const { variables, reads, writes, inputs, outputs, definitions } = header;
  const consistent =
    definitions.at(-1)?.name === header.name &&
    reads <= Math.min(variables.length, inputs.length) &&
    writes.length <= outputs.length &&
    writes.every((place) => place < variables.length) &&
    [...inputs, ...outputs].every(({ dtype }) => tensorTypes.has(dtype));
  if (!consistent) throw corrupt('their header contradicts itself');
  return header;
}

/** The types of tensors that a person can pass or get. */
const tensorTypes = new Map<number, TensorSpec['dtype']>(
  (['float32', 'int32', 'bool', 'complex64', 'string'] as const).map((name) => [DataType[name], name]),
);

/** Makes the definitions known to this thread. */
function importDefinitions(
  header: Header,
  definitions: readonly Uint8Array[],
): CompiledFunction['definitions'] {
  const status = new Status();
  try {
    return header.definitions.map(({ name }, i) => {
      const definition = { name, bytes: Uint8Array.from(definitions[i]!) };
      importFunction(definition, status);
      return definition;
    });
  } finally {
    status.dispose();
  }
}

function assertSignature({ inputs, outputs }: Header, definition: Uint8Array): void {
  const signature = signatureOf(definition);
  if (signature.inputs.length !== inputs.length || signature.outputs.length !== outputs.length)
    throw corrupt('their header does not fit their definition');
}

function makeVariable(
  { shape, dtype }: { shape: number[]; dtype: VariableType },
  bytes: Uint8Array,
  trainable: boolean,
): tf.Variable {
  const values = new arrays[dtype](Uint8Array.from(bytes).buffer);
  return tf.tidy(() => tf.variable(tf.tensor(values, shape, dtype), trainable));
}

const format = ({ shape, dtype }: TensorDescription): string => `${nameOf(dtype)}[${shape.join()}]`;

/**
 * Makes a function of the bytes that `serialize` of a jitted function gave, here or elsewhere: with the same results, and variables of
 * its own. Load only what you trust: the function may run any operation of TensorFlow.
 * @throws CredenceError E_FILE if they are truncated, changed, or something else
 */
export function load(bytes: Uint8Array): LoadedFunction {
  const { header, definitions, values } = parse(bytes);
  tensorflow();
  const fn: CompiledFunction = {
    name: header.name,
    inputs: header.inputs,
    outputs: header.outputs,
    definitions: importDefinitions(header, definitions),
    elements: header.elements,
    attributes: header.xla ? [boolAttribute('_XlaMustCompile', true)] : [],
  };
  assertSignature(header, definitions.at(-1)!);
  const variables = header.variables.map(({ shape, dtype, trainable }, i) =>
    makeVariable({ shape, dtype }, values[i]!, trainable),
  );
  const reads = variables.slice(0, header.reads);
  const writes = header.writes.map((place) => variables[place]!);
  const own = header.inputs.slice(0, header.inputs.length - header.reads);
  const operation = withGradient(
    (inputs) => run(fn, inputs, writes),
    () => {
      throw new CredenceError(
        'E_TRACE',
        'a loaded function has no gradient: serialise a function that computes it',
      );
    },
  );
  const loaded: TensorFunction = (...args) => {
    const got = args.map(({ shape, dtype }) =>
      format({ shape, dtype: DataType[dtype as keyof typeof DataType] }),
    );
    const wanted = own.map(format);
    if (got.join() !== wanted.join())
      throw new CredenceError(
        'E_SHAPE',
        `this loaded function takes (${wanted.join(', ')}), and was given (${got.join(', ')})`,
      );
    const results = operation(...args, ...reads);
    return header.single ? results[0]! : results;
  };
  return Object.assign(loaded, {
    inputs: own.map(({ shape, dtype }) => ({ shape, dtype: tensorTypes.get(dtype)! })),
    variables,
  });
}
