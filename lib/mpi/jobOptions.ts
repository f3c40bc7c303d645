import * as v from 'valibot';
import { count } from '../validate';

/** Options of what starts the processes of a job. */
export interface JobOptions {
  /** What starts the processes. Default: `srun` within an allocation of Slurm, else `mpirun` (or `mpiexec`). */
  launcher?: 'mpirun' | 'srun';
  /** Processes. Default: one for each node; to measure a network, two at least. */
  ranks?: number;
  /** Machines that they are spread over evenly. Default: this one, or those of the allocation. */
  nodes?: number;
  /** More for the launcher, such as `['--hostfile', 'hosts']` or `['--partition=gpu']`. */
  arguments?: readonly string[];
}

/** @param least of processes */
export const jobOptions = (least: number) => ({
  launcher: v.optional(v.picklist(['mpirun', 'srun'], "must be 'mpirun' or 'srun'")),
  ranks: v.optional(count(least)),
  nodes: v.optional(count(1)),
  arguments: v.optional(v.array(v.string()), []),
});
