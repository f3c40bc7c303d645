import { Caller } from '../../engine/native/caller';
import type { Context, Handle } from '../../engine/native/context';
import { Pieces } from '../memory/pieces';
import { shardsOf } from '../memory/shards';
import type { ShownTensors } from '../memory/shownTensors';
import type { NumberFormat } from '../plan/gradientFormat';
import type { PublishedGradients } from './publishedGradients';
import { inFormat, withWide } from './rounding';

/** Gradients on devices: each worker cuts its own to the shards of all, and each makes copies of its shards, from device to device. */
export class DeviceGradients implements PublishedGradients {
  private readonly caller: Caller;
  private readonly pieces: Pieces;
  /** Of each vector, the lengths of the shards of all workers. */
  private readonly cuts: readonly number[][];
  private own: readonly Handle[] = [];

  constructor(
    private readonly context: Context,
    private readonly shown: ShownTensors,
    private readonly lengths: readonly number[],
    private readonly workers: number,
    private readonly rank: number,
    private readonly format: NumberFormat,
  ) {
    this.caller = new Caller(context);
    this.pieces = new Pieces(context);
    const everybody = Array.from({ length: workers }, (_, worker) => shardsOf(lengths, workers, worker));
    this.cuts = lengths.map((_, vector) => everybody.map((shards) => shards[vector]!.count));
  }

  publish(gradients: readonly Handle[], sizes: readonly number[]): void {
    this.caller.free(this.own); // the copies were made before the last step ended
    let at = 0;
    this.own = this.lengths.flatMap((length, vector) => {
      const from = at;
      for (let taken = 0; taken < length; taken += sizes[at++]!);
      const shards = this.pieces.cut(this.pieces.join(gradients.slice(from, at)), this.cuts[vector]!);
      return shards.map((shard) => inFormat(this.context, this.format, shard));
    });
    this.shown.show(this.rank, this.own);
  }

  withShards<T>(use: (shards: readonly Handle[]) => T): T {
    const { workers, rank, shown } = this;
    const shards = Array.from({ length: workers }, (_, worker) =>
      this.lengths.map((_, vector) => shown.read(worker, vector * workers + rank)),
    ).flat();
    try {
      return withWide(this.context, this.format, shards, use);
    } finally {
      this.caller.free(shards);
    }
  }
}
