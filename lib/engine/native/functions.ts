import type { Attribute } from './attributes';
import type { Pointer } from './capi';

/** A function in TensorFlow's serialised form: made in one context, it runs in any other. */
export interface FunctionDefinition {
  name: string;
  /** A FunctionDef protocol buffer. */
  bytes: Uint8Array;
}

/** What is known of a tensor before it has values; `dtype` is a TF_DataType. */
export interface TensorDescription {
  shape: number[];
  dtype: number;
}

/** A compiled function: what it is called, takes and gives, and every definition it needs (nested ones first). */
export interface CompiledFunction {
  name: string;
  inputs: readonly TensorDescription[];
  outputs: readonly TensorDescription[];
  definitions: readonly FunctionDefinition[];
  /** How many numbers it computes, those of nested functions included and loops counted once: a measure of its work. */
  elements: number;
  /** How to run it: through XLA (one fused loop nest in place of one kernel per operation), or as it is. */
  attributes: readonly Attribute[];
}

/** The functions made in this thread. They are small (kilobytes each) and kept: equal ones are made once. */
export const compiledFunctions = new Map<string, CompiledFunction>();

/** Their TF_Functions and those of loaded ones: a graph that calls one copies it in. */
export const functionPointers = new Map<string, Pointer>();
