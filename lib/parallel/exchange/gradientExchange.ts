import { Caller } from '../../engine/native/caller';
import type { Context, Handle } from '../../engine/native/context';
import type { CompiledFunction } from '../../engine/native/functions';
import type { Board } from '../memory/board';
import { SharedArrays } from '../memory/shared';
import { cut } from '../memory/shards';
import { seen, type Window, windowsOf } from '../memory/window';
import type { Range } from '../plan/schedule';
import type { PublishedGradients } from './publishedGradients';

/**
 * How the gradients of all workers come to whoever updates a shard of the vectors. Each worker publishes its own, whole, and reads its
 * shard of everybody's (a reduce-scatter, whose sum is part of the update). Where there are several processes, each worker adds its shard
 * up first, and the first one adds these sums up over the processes (`ProcessSum`), in shared memory.
 */
export class GradientExchange {
  private readonly caller: Caller;
  /** Where there are several processes: this worker's shards of the sum over all. */
  private readonly total: { arrays: Float32Array[]; shards: Window[] } | undefined;

  constructor(
    private readonly context: Context,
    { lengths, total }: Board,
    private readonly published: PublishedGradients,
    own: readonly Range[],
  ) {
    this.caller = new Caller(context);
    if (total.byteLength === 0) return;
    const arrays = cut(new SharedArrays(lengths).views(total), own);
    this.total = { arrays, shards: windowsOf(context, arrays) };
  }

  /** Shows this worker's gradients, in pieces of these sizes that follow each other, to all. They are freed. */
  publish(gradients: readonly Handle[], sizes: readonly number[]): void {
    this.published.publish(gradients, sizes);
  }

  /** Adds this worker's shards up over the workers of this process. @param sum undefined where there is nothing to add */
  addUp(sum: CompiledFunction | undefined): void {
    const { context, published } = this;
    const write = (sums: readonly Handle[]): void =>
      this.total!.arrays.forEach((target, i) => context.readInto(sums[i]!, target));
    if (!sum) {
      if (!context.sharesMemory) published.withShards(write); // else what was published is the sum
      return;
    }
    const sums = published.withShards((shards) => this.caller.call(sum, shards));
    write(sums);
    this.caller.free(sums);
  }

  /** Calls `use` with this worker's shards of the gradients: of all workers, worker by worker, or of the sum over all processes. */
  withShards<T>(use: (shards: readonly Handle[]) => T): T {
    return this.total ? use(seen(this.total.shards)) : this.published.withShards(use);
  }
}
