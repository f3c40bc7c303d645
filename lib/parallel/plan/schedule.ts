/** Who computes what in a step: pure arithmetic, the same for everyone. */
import type { Mesh } from './mesh';

/** `count` neighbours, from number `first` on. */
export interface Range {
  first: number;
  count: number;
}

/** So many things cut into ranges as even as it gets. */
export const partition = (total: number, parts: number): Range[] =>
  Array.from({ length: parts }, (_, i) => {
    const first = Math.floor(total / parts) * i + Math.min(i, total % parts);
    return { first, count: Math.floor(total / parts) + (i < total % parts ? 1 : 0) };
  });

const overlap = (a: Range, b: Range): Range => {
  const first = Math.max(a.first, b.first);
  return { first, count: Math.max(0, Math.min(a.first + a.count, b.first + b.count) - first) };
};

/** Samples that are computed by one call. */
export interface Call extends Range {
  /** The group of samples it belongs to: those of a group see the same augmented data. */
  group: number;
}

/** The part of one worker in every step. */
export interface Share {
  /** Its number among the workers of its process. */
  rank: number;
  sampleGroup: number;
  dataGroup: number;
  /** Its data, as places in the batch. */
  rows: Range;
  calls: readonly Call[];
  /** Number of its first call among those of all workers that see the same data. */
  firstCall: number;
}

export interface Work {
  samples: number;
  batch: number;
  /** Groups of samples that see differently augmented data. */
  groups: number;
  /** Samples that one call may compute at most. */
  samplesPerCall: number;
}

function callsOf(samples: Range, groups: readonly Range[], samplesPerCall: number): Call[] {
  return groups.flatMap((group, number) => {
    const own = overlap(samples, group);
    const calls = partition(own.count, Math.ceil(own.count / samplesPerCall));
    return calls.map(({ first, count }) => ({ first: own.first + first, count, group: number }));
  });
}

/** The shares of all workers, by rank; those of one data group follow each other. */
export function shareOut({ sample, data }: Mesh, work: Work): Share[] {
  const groups = partition(work.samples, work.groups);
  const calls = partition(work.samples, sample).map((own) => callsOf(own, groups, work.samplesPerCall));
  return partition(work.batch, data).flatMap((rows, dataGroup) =>
    calls.map((own, sampleGroup) => ({
      rank: dataGroup * sample + sampleGroup,
      sampleGroup,
      dataGroup,
      rows,
      calls: own,
      firstCall: calls.slice(0, sampleGroup).reduce((sum, { length }) => sum + length, 0),
    })),
  );
}

/** Cuts the shares of all workers into those of each process, which number their workers anew. @param sizes workers of each process */
export function crewsOf(shares: readonly Share[], sizes: readonly number[]): Share[][] {
  let first = 0;
  return sizes.map((size) => {
    const crew = shares.slice(first, first + size);
    first += size;
    return crew.map((share, rank) => ({ ...share, rank }));
  });
}

/** Calls of a step that see the same data. */
export const callCount = (shares: readonly Share[]): number =>
  shares.filter(({ dataGroup }) => dataGroup === 0).reduce((sum, { calls }) => sum + calls.length, 0);

/** Shards begin where TensorFlow can use memory in place, also that of two-byte numbers. */
const SHARD_MULTIPLE = 32;

/** The elements of a vector that a worker updates. */
export function shardOf(length: number, workers: number, rank: number): Range {
  const size = Math.ceil(length / workers / SHARD_MULTIPLE) * SHARD_MULTIPLE;
  const first = Math.min(length, rank * size);
  return { first, count: Math.min(size, length - first) };
}

/** The step with which the epoch of a step ends, both counted from 1. */
export function epochEnd(step: number, rows: number, batch: number): number {
  const epochs = Math.ceil((Math.max(1, step) * batch) / rows);
  return Math.ceil((epochs * rows) / batch);
}
