import { CredenceError } from '../../errors';
import { capi, cString, type Pointer, takeBuffer } from './capi';
import { readFields } from './protobuf';
import { Status } from './status';

/** An input or output of an operation: one tensor, or a list whose length depends on attributes. */
export interface Argument {
  name: string;
  isList: boolean;
  /** A TF_DataType, or undefined where it depends on attributes. */
  type: number | undefined;
}

/** What an operation takes and gives. */
export interface OpDef {
  inputs: readonly Argument[];
  outputs: readonly Argument[];
}

const decoder = new TextDecoder();

function parseArgument(bytes: Uint8Array): Argument {
  const fields = new Map(readFields(bytes));
  // ArgDef: name = 1, type = 3, number_attr = 5, type_list_attr = 6
  return {
    name: decoder.decode(fields.get(1) as Uint8Array),
    isList: fields.has(5) || fields.has(6),
    type: fields.get(3) as number | undefined,
  };
}

function parseOpDef(bytes: Uint8Array): OpDef {
  const [inputs, outputs]: [Argument[], Argument[]] = [[], []];
  for (const [field, value] of readFields(bytes)) {
    if (field === 2) inputs.push(parseArgument(value as Uint8Array)); // OpDef.input_arg
    if (field === 3) outputs.push(parseArgument(value as Uint8Array)); // OpDef.output_arg
  }
  return { inputs, outputs };
}

/** What a function takes and gives, from its FunctionDef. */
export function signatureOf(functionDef: Uint8Array): OpDef {
  for (const [field, value] of readFields(functionDef)) {
    if (field === 1) return parseOpDef(value as Uint8Array); // FunctionDef.signature
  }
  throw new CredenceError('E_ENGINE', 'these bytes are not the definition of a TensorFlow function');
}

const known = new Map<string, OpDef>();

function fromGraph(graph: Pointer, name: string, status: Status): OpDef {
  const found = known.get(name);
  if (found) return found;
  const { TF_NewBuffer, TF_GraphGetOpDef } = capi();
  const buffer = TF_NewBuffer();
  TF_GraphGetOpDef(graph, cString(name), buffer, status.pointer);
  const bytes = takeBuffer(buffer);
  status.check(`the operation ${name}`);
  const definition = parseOpDef(bytes);
  known.set(name, definition);
  return definition;
}

/** For each input of an operation, whether it takes a list of tensors. */
export const inputKinds = (graph: Pointer, name: string, status: Status): boolean[] =>
  fromGraph(graph, name, status).inputs.map(({ isList }) => isList);

/**
 * The definition of an operation of TensorFlow.
 * @throws CredenceError E_ENGINE if there is no such operation
 */
export function opDef(name: string): OpDef {
  const found = known.get(name);
  if (found) return found;
  const { TF_NewGraph, TF_DeleteGraph } = capi();
  const [graph, status] = [TF_NewGraph(), new Status()]; // not kept: a thread that is ended would leave them behind
  try {
    return fromGraph(graph, name, status);
  } finally {
    TF_DeleteGraph(graph);
    status.dispose();
  }
}
