import type { Context, Handle } from '../../engine/native/context';
import { DataType } from '../../engine/native/dtype';
import type { CompiledFunction } from '../../engine/native/functions';
import type { Board } from '../memory/board';
import { SharedArrays } from '../memory/shared';
import { cut, tensorsOf } from '../memory/sharedVectors';
import { formatOf, type NumberFormat } from '../plan/gradientFormat';
import type { Range } from '../plan/schedule';
import { narrowed, widened } from './rounding';

/**
 * The gradients of all workers in shared memory:
 *
 *   worker 0 | worker 1 | ... | worker W-1      each: a gradient for every vector
 *
 * Each worker writes its own, whole, and reads its shard of everybody's (a reduce-scatter, whose sum is part of the update). Where there
 * are several processes, each worker adds its shard up first, and the first one adds these sums up over the processes (`ProcessSum`).
 */
export class GradientExchange {
  private readonly mine: (Float32Array | Uint16Array)[];
  private readonly shared: Handle[];
  private readonly format: NumberFormat;
  /** Where there are several processes: this worker's shards of the sum over all. */
  private readonly total: { arrays: Float32Array[]; shards: Handle[] } | undefined;

  constructor(
    private readonly context: Context,
    { lengths, exchange, gradients, total }: Board,
    workers: number,
    rank: number,
    own: readonly Range[],
  ) {
    const format = formatOf(exchange);
    const layout = new SharedArrays<NumberFormat>(lengths, format);
    const all = Array.from({ length: workers }, (_, worker) => layout.views(gradients, worker));
    this.format = format;
    this.mine = all[rank]!;
    this.shared = all.flatMap((arrays) => tensorsOf(context, cut(arrays, own), DataType[format]));
    if (total.byteLength === 0) return;
    const arrays = cut(new SharedArrays(lengths).views(total), own);
    this.total = { arrays, shards: tensorsOf(context, arrays) };
  }

  /** Shows this worker's gradients, in pieces that follow each other, to all. They are freed. */
  publish(gradients: readonly Handle[], sizes: readonly number[]): void {
    const { context } = this;
    let [vector, from] = [0, 0];
    gradients.forEach((handle, i) => {
      const narrow = this.format === 'float32' ? handle : narrowed(context, handle);
      const target = this.mine[vector]!;
      context.readInto(narrow, target.subarray(from, from + sizes[i]!));
      from += sizes[i]!;
      if (from === target.length) [vector, from] = [vector + 1, 0];
      context.free(handle);
      if (narrow !== handle) context.free(narrow);
    });
  }

  /** Adds this worker's shards up over the workers of this process. @param sum undefined where there is nothing to add */
  addUp(sum: CompiledFunction | undefined): void {
    if (!sum) return;
    const { context, total } = this;
    const sums = this.withWide((shards) =>
      context.execute(sum.name, sum.attributes, shards, sum.outputs.length),
    );
    sums.forEach((handle, i) => {
      context.readInto(handle, total!.arrays[i]!);
      context.free(handle);
    });
  }

  /** Calls `use` with this worker's shards of the gradients: of all workers, worker by worker, or of the sum over all processes. */
  withShards<T>(use: (shards: readonly Handle[]) => T): T {
    return this.total ? use(this.total.shards) : this.withWide(use);
  }

  private withWide<T>(use: (shards: readonly Handle[]) => T): T {
    if (this.format === 'float32') return use(this.shared);
    const wide = this.shared.map((handle) => widened(this.context, handle));
    try {
      return use(wide);
    } finally {
      for (const handle of wide) this.context.free(handle);
    }
  }
}
