import { type Range, shardOf } from '../plan/schedule';

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
