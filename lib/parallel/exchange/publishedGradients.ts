import type { Handle } from '../../engine/native/context';

/** The gradients of all workers of a process, where each finds its shards of everybody's. */
export interface PublishedGradients {
  /** Shows this worker's gradients, in pieces of these sizes that follow each other, to all. They are freed. */
  publish(gradients: readonly Handle[], sizes: readonly number[]): void;
  /** When all have published: calls `use` with this worker's shards of the gradients of all workers, worker by worker. */
  withShards<T>(use: (shards: readonly Handle[]) => T): T;
}
