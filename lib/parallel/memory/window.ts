import type { Context, Handle } from '../../engine/native/context';
import { DataType } from '../../engine/native/dtype';
import type { Shape } from '../../ndarray';

/** Shared memory as a tensor. On the processor it is that memory; a GPU, which cannot see it, is sent a copy each time. */
export class Window {
  private handle: Handle | undefined;

  constructor(
    private readonly context: Context,
    private readonly values: Float32Array | Uint16Array,
    private readonly shape: Shape = [values.length],
    private readonly type: number = DataType.float32,
  ) {}

  /** What stands in memory now. It is good until the next time. */
  get now(): Handle {
    const { context, type, shape, values } = this;
    if (this.handle && !context.sharesMemory) {
      context.free(this.handle);
      this.handle = undefined;
    }
    return (this.handle ??= context.share(type, shape, values));
  }
}

export const windowsOf = (
  context: Context,
  arrays: readonly (Float32Array | Uint16Array)[],
  type?: number,
): Window[] => arrays.map((values) => new Window(context, values, [values.length], type));

/** What stands in memory now. */
export const seen = (windows: readonly Window[]): Handle[] => windows.map((window) => window.now);
