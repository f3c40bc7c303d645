/** Processes of a job that speak with each other over MPI. */
export { type JobOptions, jobOptions } from './jobOptions';
export { findLauncher, type Launcher } from './launcher';
export { findMpi, type MpiLibrary } from './library';
export { Mpi, startedInJob } from './mpi';
export type { Pending } from './pending';
