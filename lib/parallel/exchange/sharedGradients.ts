import { Caller } from '../../engine/native/caller';
import type { Context, Handle } from '../../engine/native/context';
import { DataType } from '../../engine/native/dtype';
import type { Board } from '../memory/board';
import { SharedArrays } from '../memory/shared';
import { cut } from '../memory/shards';
import { seen, type Window, windowsOf } from '../memory/window';
import { formatOf, type NumberFormat } from '../plan/gradientFormat';
import type { Range } from '../plan/schedule';
import type { PublishedGradients } from './publishedGradients';
import { inFormat, withWide } from './rounding';

/**
 * Gradients in shared memory:
 *
 *   worker 0 | worker 1 | ... | worker W-1      each: a gradient for every vector
 */
export class SharedGradients implements PublishedGradients {
  private readonly caller: Caller;
  private readonly mine: readonly (Float32Array | Uint16Array)[];
  private readonly shards: readonly Window[];
  private readonly format: NumberFormat;

  constructor(
    private readonly context: Context,
    { lengths, exchange, gradients }: Board,
    workers: number,
    rank: number,
    own: readonly Range[],
  ) {
    this.caller = new Caller(context);
    this.format = formatOf(exchange);
    const layout = new SharedArrays<NumberFormat>(lengths, this.format);
    const all = Array.from({ length: workers }, (_, worker) => layout.views(gradients, worker));
    this.mine = all[rank]!;
    this.shards = all.flatMap((arrays) => windowsOf(context, cut(arrays, own), DataType[this.format]));
  }

  publish(gradients: readonly Handle[], sizes: readonly number[]): void {
    const { caller, context, format, mine } = this;
    let [vector, from] = [0, 0];
    gradients.forEach((handle, i) => {
      const target = mine[vector]!;
      caller.write(inFormat(context, format, handle), target.subarray(from, from + sizes[i]!));
      from += sizes[i]!;
      if (from === target.length) [vector, from] = [vector + 1, 0];
    });
  }

  withShards<T>(use: (shards: readonly Handle[]) => T): T {
    return withWide(this.context, this.format, seen(this.shards), use);
  }
}
