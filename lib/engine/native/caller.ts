import type { Context, Handle } from './context';
import type { CompiledFunction } from './functions';

/** Calls of compiled functions, and what becomes of the tensors they take and give. */
export class Caller {
  constructor(readonly context: Context) {}

  call({ name, attributes, outputs }: CompiledFunction, inputs: readonly Handle[]): Handle[] {
    return this.context.execute(name, attributes, inputs, outputs.length);
  }

  /** The values of a tensor, which is freed. */
  numbers(handle: Handle): number[] {
    const values = this.context.read(handle) as Float32Array;
    this.context.free(handle);
    return Array.from(values);
  }

  /** Writes the values of a tensor, which is freed. */
  write(handle: Handle, target: Float32Array | Uint16Array): void {
    this.context.readInto(handle, target);
    this.context.free(handle);
  }

  free(handles: readonly Handle[]): void {
    for (const handle of handles) this.context.free(handle);
  }
}
