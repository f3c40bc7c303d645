import { capi, cString, type Pointer, takeBuffer } from './capi';
import { readFields } from './protobuf';
import type { Status } from './status';

const listInputs = new Map<string, boolean[]>();

/** For each input of an operation, whether it takes a list of tensors (from its OpDef). */
export function inputKinds(graph: Pointer, name: string, status: Status): boolean[] {
  const known = listInputs.get(name);
  if (known) return known;
  const { TF_NewBuffer, TF_GraphGetOpDef } = capi();
  const buffer = TF_NewBuffer();
  TF_GraphGetOpDef(graph, cString(name), buffer, status.pointer);
  const bytes = takeBuffer(buffer);
  status.check(`the operation ${name}`);
  const kinds: boolean[] = [];
  for (const [field, argument] of readFields(bytes)) {
    if (field !== 2) continue; // OpDef.input_arg
    const fields = [...readFields(argument as Uint8Array)].map(([number]) => number);
    kinds.push(fields.includes(5) || fields.includes(6)); // ArgDef.number_attr, type_list_attr
  }
  listInputs.set(name, kinds);
  return kinds;
}
