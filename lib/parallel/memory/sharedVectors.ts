import { Caller } from '../../engine/native/caller';
import type { Context, Handle } from '../../engine/native/context';
import type { SharedMemory } from '../../engine/native/memory';
import type { Range } from '../plan/schedule';
import { VECTOR_SETS } from './board';
import { SharedArrays } from './shared';
import { cut } from './shards';
import type { Vectors } from './vectors';
import { seen, type Window, windowsOf } from './window';

interface VectorSet {
  values: Float32Array[];
  /** This worker's shards of them. */
  own: Float32Array[];
  whole: Window[];
  shards: Window[];
}

/**
 * The vectors in shared memory, in sets that take turns: a step reads one set, all of it, and writes the next, each worker its shard. The
 * set before is left as it is.
 */
export class SharedVectors implements Vectors {
  private readonly caller: Caller;
  private readonly sets: readonly VectorSet[];
  private current = 0;

  /** @param start this worker's shards to begin with */
  constructor(
    context: Context,
    lengths: readonly number[],
    memory: SharedMemory,
    own: readonly Range[],
    start: readonly Float32Array[],
  ) {
    this.caller = new Caller(context);
    const layout = new SharedArrays(lengths);
    this.sets = Array.from({ length: VECTOR_SETS }, (_, set) => {
      const values = layout.views(memory, set);
      const shards = cut(values, own);
      return {
        values,
        own: shards,
        whole: windowsOf(context, values),
        shards: windowsOf(context, shards),
      };
    });
    start.forEach((values, i) => this.sets[0]!.own[i]!.set(values));
  }

  get whole(): readonly Handle[] {
    return seen(this.set(0).whole);
  }

  get shards(): readonly Handle[] {
    return seen(this.set(0).shards);
  }

  write(shards: readonly Handle[]): void {
    const { own } = this.set(1);
    shards.forEach((handle, i) => this.caller.write(handle, own[i]!));
  }

  turn(by: 1 | -1): void {
    this.current = this.place(by);
  }

  values(by: 0 | 1): readonly Float32Array[] {
    return this.set(by).values;
  }

  save(targets: readonly Float32Array[]): void {
    targets.forEach((target, i) => target.set(this.set(0).own[i]!));
  }

  private set(by: number): VectorSet {
    return this.sets[this.place(by)]!;
  }

  private place(by: number): number {
    return (this.current + by + VECTOR_SETS) % VECTOR_SETS;
  }
}
