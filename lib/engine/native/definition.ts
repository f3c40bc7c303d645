import { capi, cString, type GraphOutput, pack, type Pointer, takeBuffer } from './capi';
import { type FunctionDefinition, functionPointers } from './functions';
import type { Status } from './status';

/** Makes a function of a graph, known to this thread by its name. Every placeholder of the graph must be among the inputs. */
export function defineFunction(
  graph: Pointer,
  name: string,
  inputs: readonly GraphOutput[],
  outputs: readonly GraphOutput[],
  status: Status,
): FunctionDefinition {
  const c = capi();
  const withAllOperations = -1;
  const pointer = c.TF_GraphToFunction(
    ...([graph, cString(name), 0, withAllOperations, null] as const),
    ...([inputs.length, pack(inputs), outputs.length, pack(outputs)] as const),
    ...([null, null, null, status.pointer] as const),
  );
  status.check('a compiled function');
  functionPointers.set(name, pointer);
  const buffer = c.TF_NewBuffer();
  c.TF_FunctionToFunctionDef(pointer, buffer, status.pointer);
  status.check('the definition of a function');
  return { name, bytes: takeBuffer(buffer) };
}

/** Makes a function of a definition, known to this thread by its name, unless it is. */
export function importFunction({ name, bytes }: FunctionDefinition, status: Status): void {
  if (functionPointers.has(name)) return;
  const pointer = capi().TF_FunctionImportFunctionDef(bytes, bytes.length, status.pointer);
  status.check('the definition of a loaded function');
  functionPointers.set(name, pointer);
}
