import type { Handle } from '../../engine/native/context';

/** The vectors that the workers of a process learn together: each updates its shard of them, and all read the whole. */
export interface Vectors {
  /** The whole vectors, as they are. */
  readonly whole: readonly Handle[];
  /** This worker's shards of them. */
  readonly shards: readonly Handle[];
  /** Shows all the next shards of this worker, which are freed when nobody needs them. */
  write(shards: readonly Handle[]): void;
  /** The next vectors are the present ones from now on, or those before them. */
  turn(by: 1 | -1): void;
  /** All numbers of the present vectors (0), or of the next (1). */
  values(by: 0 | 1): readonly Float32Array[];
  /** Copies this worker's shards of the present vectors. */
  save(targets: readonly Float32Array[]): void;
}
