import type { Attribute } from './attributes';
import type { Pointer } from './capi';

/** A function in TensorFlow's serialised form: made in one context, it runs in any other. */
export interface FunctionDefinition {
  name: string;
  /** A FunctionDef protocol buffer. */
  bytes: Uint8Array;
}

/** A compiled function: what it is called, what it gives, and every definition it needs (nested ones first). */
export interface CompiledFunction {
  name: string;
  inputs: number;
  outputs: readonly { shape: number[]; dtype: number }[];
  definitions: readonly FunctionDefinition[];
  /** How to run it: through XLA (one fused loop nest in place of one kernel per operation), or as it is. */
  attributes: readonly Attribute[];
}

/** The functions made in this thread. They are small (kilobytes each) and kept: a graph that calls one copies it in. */
export const madeFunctions = new Map<string, { pointer: Pointer; compiled: CompiledFunction }>();
