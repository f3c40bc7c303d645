import { CredenceError } from '../../errors';
import { capi, cString, type Pointer } from './capi';
import type { Status } from './status';

/** The kinds of attributes an operation can have, by tfjs's numbers (TF_AttrType). */
export const AttributeType = {
  string: 0,
  int: 1,
  float: 2,
  bool: 3,
  type: 4,
  shape: 5,
  function: 8,
} as const;

/** An attribute of an operation, in the form tfjs passes it. */
export interface Attribute {
  name: string;
  type: number;
  value: boolean | number | string | object | readonly number[];
}

export const typeAttribute = (name: string, value: number): Attribute => ({
  name,
  type: AttributeType.type,
  value,
});
export const boolAttribute = (name: string, value: boolean): Attribute => ({
  name,
  type: AttributeType.bool,
  value,
});
export const intAttribute = (name: string, value: number): Attribute => ({
  name,
  type: AttributeType.int,
  value,
});

/** The name of a function that the operation calls. */
export const functionAttribute = (name: string, value: string): Attribute => ({
  name,
  type: AttributeType.function,
  value,
});

/** The setters of an eager operation (TFE_OpSetAttr*) or of a graph operation (TF_SetAttr*): the same list twice in C. */
interface Setters {
  string(op: Pointer, name: Pointer, value: Pointer, length: number): void;
  int(op: Pointer, name: Pointer, value: number): void;
  float(op: Pointer, name: Pointer, value: number): void;
  bool(op: Pointer, name: Pointer, value: number): void;
  type(op: Pointer, name: Pointer, value: number): void;
  shape(op: Pointer, name: Pointer, dims: BigInt64Array, rank: number, status: Status): void;
  ints(op: Pointer, name: Pointer, values: BigInt64Array, length: number): void;
  floats(op: Pointer, name: Pointer, values: Float32Array, length: number): void;
  types(op: Pointer, name: Pointer, values: Int32Array, length: number): void;
  function(op: Pointer, name: Pointer, value: Pointer, length: number): void;
}

export function eagerSetters(): Setters {
  const c = capi();
  return {
    string: c.TFE_OpSetAttrString,
    int: c.TFE_OpSetAttrInt,
    float: c.TFE_OpSetAttrFloat,
    bool: c.TFE_OpSetAttrBool,
    type: c.TFE_OpSetAttrType,
    shape: (op, name, dims, rank, status) => {
      c.TFE_OpSetAttrShape(op, name, dims, rank, status.pointer);
      status.check('a shape attribute');
    },
    ints: c.TFE_OpSetAttrIntList,
    floats: c.TFE_OpSetAttrFloatList,
    types: c.TFE_OpSetAttrTypeList,
    function: c.TFE_OpSetAttrFunctionName,
  };
}

export function graphSetters(): Setters {
  const c = capi();
  return {
    string: c.TF_SetAttrString,
    int: c.TF_SetAttrInt,
    float: c.TF_SetAttrFloat,
    bool: c.TF_SetAttrBool,
    type: c.TF_SetAttrType,
    shape: c.TF_SetAttrShape,
    ints: c.TF_SetAttrIntList,
    floats: c.TF_SetAttrFloatList,
    types: c.TF_SetAttrTypeList,
    function: c.TF_SetAttrFuncName,
  };
}

/** Sets one attribute. Numbers that C reads later (lists, shapes) are copied by TensorFlow during the call. */
export function setAttribute(
  set: Setters,
  op: Pointer,
  { name, type, value }: Attribute,
  status: Status,
): void {
  const n = cString(name);
  const list = Array.isArray(value) ? (value as readonly number[]) : undefined;
  const int64s = (values: readonly number[]) => BigInt64Array.from(values, BigInt);
  if (type === AttributeType.type) {
    if (list) set.types(op, n, Int32Array.from(list), list.length);
    else set.type(op, n, value as number);
  } else if (type === AttributeType.bool) set.bool(op, n, value ? 1 : 0);
  else if (type === AttributeType.int) {
    if (list) set.ints(op, n, int64s(list), list.length);
    else set.int(op, n, value as number);
  } else if (type === AttributeType.float) {
    if (list) set.floats(op, n, Float32Array.from(list), list.length);
    else set.float(op, n, value as number);
  } else if (type === AttributeType.string) {
    set.string(op, n, cString(value as string), Buffer.byteLength(value as string));
  } else if (type === AttributeType.function) {
    set.function(op, n, cString(value as string), Buffer.byteLength(value as string));
  } else if (type === AttributeType.shape) {
    const dims = int64s(list ?? []);
    set.shape(op, n, dims, dims.length, status);
  } else
    throw new CredenceError('E_ENGINE', `attribute '${name}' is of a kind (${type}) that is not supported`);
}
