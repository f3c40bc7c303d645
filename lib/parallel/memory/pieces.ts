import { intAttribute, typeAttribute } from '../../engine/native/attributes';
import type { Context, Handle } from '../../engine/native/context';
import { DataType } from '../../engine/native/dtype';

const { int32, float32 } = DataType;

/** Cuts vectors to pieces and joins them, where they are. */
export class Pieces {
  private readonly axis: Handle;

  constructor(private readonly context: Context) {
    this.axis = context.tensor(int32, [], Int32Array.of(0));
  }

  /** One vector of these pieces, which are freed. */
  join(pieces: readonly Handle[]): Handle {
    const { context, axis } = this;
    if (pieces.length === 1) return pieces[0]!;
    const attributes = [
      intAttribute('N', pieces.length),
      typeAttribute('T', float32),
      typeAttribute('Tidx', int32),
    ];
    const [joined] = context.execute('ConcatV2', attributes, [...pieces, axis], 1);
    for (const piece of pieces) context.free(piece);
    return joined!;
  }

  /** Pieces of these lengths of a vector, which is freed. */
  cut(vector: Handle, lengths: readonly number[]): Handle[] {
    const { context, axis } = this;
    if (lengths.length === 1) return [vector];
    const attributes = [
      intAttribute('num_split', lengths.length),
      typeAttribute('T', float32),
      typeAttribute('Tlen', int32),
    ];
    const sizes = context.tensor(int32, [lengths.length], Int32Array.from(lengths));
    const pieces = context.execute('SplitV', attributes, [vector, sizes, axis], lengths.length);
    context.free(sizes);
    context.free(vector);
    return pieces;
  }
}
