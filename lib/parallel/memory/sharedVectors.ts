import type { Context, Handle } from '../../engine/native/context';
import { DataType } from '../../engine/native/dtype';
import type { SharedMemory } from '../../engine/native/memory';
import { type Range, shardOf } from '../plan/schedule';
import { VECTOR_SETS } from './board';
import { SharedArrays } from './shared';

/** The part of each vector that a worker updates. */
export const shardsOf = (lengths: readonly number[], workers: number, rank: number): Range[] =>
  lengths.map((length) => shardOf(length, workers, rank));

/** These parts of arrays, of which there are `each` for every vector. */
export const cut = <T extends Float32Array | Uint16Array>(
  arrays: readonly T[],
  shards: readonly Range[],
  each = 1,
): T[] =>
  shards.flatMap(({ first, count }, i) =>
    arrays.slice(i * each, (i + 1) * each).map((values) => values.subarray(first, first + count) as T),
  );

/** Tensors that are these arrays: what is written to the arrays is read from the tensors. */
export const tensorsOf = (
  context: Context,
  arrays: readonly (Float32Array | Uint16Array)[],
  type: number = DataType.float32,
): Handle[] => arrays.map((values) => context.share(type, [values.length], values));

/**
 * The vectors in shared memory, in sets that take turns: a step reads one set, all of it, and writes the next, each worker its shard. The
 * set before is left as it is.
 */
export class SharedVectors {
  private readonly sets: readonly {
    whole: Handle[];
    shards: Handle[];
    values: Float32Array[];
    arrays: Float32Array[];
  }[];
  private current = 0;

  constructor(
    private readonly context: Context,
    lengths: readonly number[],
    memory: SharedMemory,
    own: readonly Range[],
  ) {
    const layout = new SharedArrays(lengths);
    this.sets = Array.from({ length: VECTOR_SETS }, (_, set) => {
      const values = layout.views(memory, set);
      const arrays = cut(values, own);
      return { whole: tensorsOf(context, values), shards: tensorsOf(context, arrays), values, arrays };
    });
  }

  /** The whole vectors, as they are. */
  get whole(): readonly Handle[] {
    return this.sets[this.current]!.whole;
  }

  /** This worker's shards of them, as tensors and as arrays. */
  get shards(): readonly Handle[] {
    return this.sets[this.current]!.shards;
  }

  get arrays(): readonly Float32Array[] {
    return this.sets[this.current]!.arrays;
  }

  /** All numbers of the present set (0), or of the next (1). */
  values(by: 0 | 1): readonly Float32Array[] {
    return this.sets[this.place(by)]!.values;
  }

  /** Writes this worker's shards of the next set. */
  write(shards: readonly Handle[]): void {
    const { arrays } = this.sets[this.place(1)]!;
    shards.forEach((handle, i) => this.context.readInto(handle, arrays[i]!));
  }

  /** The next set is the present one from now on, or the one before it. */
  turn(by: 1 | -1): void {
    this.current = this.place(by);
  }

  private place(by: number): number {
    return (this.current + by + VECTOR_SETS) % VECTOR_SETS;
  }
}
