import { typeAttribute } from '../engine/native/attributes';
import type { Context, Handle } from '../engine/native/context';
import { DataType } from '../engine/native/dtype';
import type { CompiledFunction } from '../engine/native/functions';
import type { Board } from './board';
import type { Speaker } from './meeting';
import type { Range } from './schedule';
import { type NumberFormat, SharedArrays } from './shared';
import { cut, tensorsOf } from './sharedVectors';

const { float32 } = DataType;

/**
 * The gradients of all workers in shared memory:
 *
 *   worker 0 | worker 1 | ... | worker W-1      each: a gradient for every vector
 *
 * Each worker writes its own, whole, and reads its shard of everybody's (a reduce-scatter, whose sum is part of the update). Where there
 * are several processes, each worker adds its shard up first, and the first one adds these sums up over the processes.
 */
export class GradientExchange {
  private readonly mine: (Float32Array | Uint16Array)[];
  private readonly shared: Handle[];
  private readonly exchange: NumberFormat;
  /** Where there are several processes: the sum over all, and this worker's shards of it. */
  private readonly total: { whole: Float32Array; arrays: Float32Array[]; shards: Handle[] } | undefined;

  constructor(
    private readonly context: Context,
    { lengths, exchange, gradients, total }: Board,
    workers: number,
    rank: number,
    own: readonly Range[],
  ) {
    const layout = new SharedArrays<NumberFormat>(lengths, exchange);
    const all = Array.from({ length: workers }, (_, worker) => layout.views(gradients, worker));
    this.exchange = exchange;
    this.mine = all[rank]!;
    this.shared = all.flatMap((arrays) => tensorsOf(context, cut(arrays, own), DataType[exchange]));
    if (total.byteLength === 0) return;
    const totals = new SharedArrays(lengths);
    const arrays = cut(totals.views(total), own);
    this.total = { whole: totals.whole(total), arrays, shards: tensorsOf(context, arrays) };
  }

  /** Shows this worker's gradients, in pieces that follow each other, to all. They are freed. */
  publish(gradients: readonly Handle[], sizes: readonly number[]): void {
    const { context } = this;
    let [vector, from] = [0, 0];
    gradients.forEach((handle, i) => {
      const narrow = this.exchange === 'float32' ? handle : this.cast(handle, float32, DataType.bfloat16);
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

  /** The first worker of each process, when all workers have added up: adds up over the processes. */
  join(speaker: Speaker): void {
    speaker.sum(this.total!.whole);
  }

  /** Calls `use` with this worker's shards of the gradients: of all workers, worker by worker, or of the sum over all processes. */
  withShards<T>(use: (shards: readonly Handle[]) => T): T {
    return this.total ? use(this.total.shards) : this.withWide(use);
  }

  private withWide<T>(use: (shards: readonly Handle[]) => T): T {
    if (this.exchange === 'float32') return use(this.shared);
    const wide = this.shared.map((handle) => this.cast(handle, DataType.bfloat16, float32));
    try {
      return use(wide);
    } finally {
      for (const handle of wide) this.context.free(handle);
    }
  }

  private cast(handle: Handle, from: number, to: number): Handle {
    const types = [typeAttribute('SrcT', from), typeAttribute('DstT', to)];
    return this.context.execute('Cast', types, [handle], 1)[0]!;
  }
}
