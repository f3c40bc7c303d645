import { typeAttribute } from '../../engine/native/attributes';
import type { Context, Handle } from '../../engine/native/context';
import { DataType } from '../../engine/native/dtype';
import type { NumberFormat } from '../plan/gradientFormat';

const { bfloat16, float32 } = DataType;

const cast = (context: Context, handle: Handle, from: number, to: number): Handle =>
  context.execute('Cast', [typeAttribute('SrcT', from), typeAttribute('DstT', to)], [handle], 1)[0]!;

/** Rounds to 16 bits. */
export const narrowed = (context: Context, handle: Handle): Handle =>
  cast(context, handle, float32, bfloat16);

/** 16 bits as 32. */
export const widened = (context: Context, handle: Handle): Handle => cast(context, handle, bfloat16, float32);

/** A tensor in this format in place of one of 32 bits, which is freed. */
export function inFormat(context: Context, format: NumberFormat, handle: Handle): Handle {
  if (format === 'float32') return handle;
  const narrow = narrowed(context, handle);
  context.free(handle);
  return narrow;
}

/** Calls `use` with numbers of this format in 32 bits. */
export function withWide<T>(
  context: Context,
  format: NumberFormat,
  handles: readonly Handle[],
  use: (wide: readonly Handle[]) => T,
): T {
  if (format === 'float32') return use(handles);
  const wide = handles.map((handle) => widened(context, handle));
  try {
    return use(wide);
  } finally {
    for (const handle of wide) context.free(handle);
  }
}
