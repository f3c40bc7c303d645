import { Caller } from '../../engine/native/caller';
import type { Context, Handle } from '../../engine/native/context';
import { DataType } from '../../engine/native/dtype';
import { Pieces } from './pieces';
import type { ShownTensors } from './shownTensors';
import type { Vectors } from './vectors';

/**
 * The vectors on devices that do not see the memory of the host: each worker keeps its shards, and makes the whole of copies of all
 * shards, from device to device.
 */
export class DeviceVectors implements Vectors {
  private readonly caller: Caller;
  private readonly pieces: Pieces;
  private own: readonly Handle[];
  private next: readonly Handle[] = [];
  /** The shards before the present ones. */
  private before: readonly Handle[] = [];
  private joined: readonly Handle[] | undefined;

  /** @param start this worker's shards to begin with */
  constructor(
    private readonly context: Context,
    private readonly shown: ShownTensors,
    private readonly workers: number,
    private readonly rank: number,
    start: readonly Float32Array[],
  ) {
    this.caller = new Caller(context);
    this.pieces = new Pieces(context);
    this.own = start.map((values) => this.tensor(values));
    shown.show(rank, this.own);
  }

  /** To be read before this worker shows anything else: from then on others may show their next shards. */
  get whole(): readonly Handle[] {
    return (this.joined ??= this.gathered());
  }

  get shards(): readonly Handle[] {
    return this.own;
  }

  write(shards: readonly Handle[]): void {
    this.next = shards.length > 0 ? shards : this.own.map(() => this.tensor(new Float32Array(0)));
    this.shown.show(this.rank, this.next);
  }

  turn(by: 1 | -1): void {
    this.caller.free(this.joined ?? []);
    this.joined = undefined;
    if (by === 1) {
      this.caller.free(this.before); // all others have made their copies two barriers ago
      [this.before, this.own, this.next] = [this.own, this.next, []];
    } else {
      [this.before, this.own, this.next] = [[], this.before, []]; // others may still look for the bad number in those to come
    }
  }

  values(by: 0 | 1): readonly Float32Array[] {
    const vectors = by === 0 ? this.whole : this.gathered();
    const values = vectors.map((handle) => this.context.read(handle) as Float32Array);
    if (by === 1) this.caller.free(vectors);
    return values;
  }

  save(targets: readonly Float32Array[]): void {
    targets.forEach((target, i) => this.context.readInto(this.own[i]!, target));
  }

  /** What all show now. */
  private gathered(): Handle[] {
    const everybody = Array.from({ length: this.workers }, (_, worker) => worker);
    return this.own.map((_, i) => this.pieces.join(everybody.map((worker) => this.shown.read(worker, i))));
  }

  private tensor(values: Float32Array): Handle {
    return this.context.tensor(DataType.float32, [values.length], values);
  }
}
