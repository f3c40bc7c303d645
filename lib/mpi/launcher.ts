import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { CredenceError } from '../errors';
import { findMpi } from './library';
import { onPath, pythonPrograms } from './places';

/** A program that starts the ranks of a job. */
export interface Launcher {
  kind: 'mpich' | 'openmpi' | 'slurm';
  /** Its file. */
  program: string;
  /**
   * What it is given before the command that each rank runs. That command should be `process.execPath` and a script: Open MPI's takes
   * a bare `node` after some of its own options for one of them.
   * @param ranks of the job
   * @param nodes that they are shared out over evenly. Default: as the launcher does
   * @param env what the launcher is started with: the ranks are given those of our variables
   */
  flags(ranks: number, nodes?: number, env?: NodeJS.ProcessEnv): string[];
}

const orNothing = <T>(value: number | undefined, flags: (value: number) => T[]): T[] =>
  value === undefined ? [] : flags(value);

function mpichFlags(ranks: number, nodes?: number): string[] {
  return ['-n', `${ranks}`, ...orNothing(nodes, (count) => ['-ppn', `${Math.ceil(ranks / count)}`])];
}

function openMpiFlags(ranks: number, nodes?: number, env = process.env): string[] {
  // our variables reach other hosts only by name
  const names = Object.keys(env).filter((name) => name.startsWith('CREDENCE_'));
  return [
    ...['-n', `${ranks}`],
    ...orNothing(nodes, (count) => ['-N', `${Math.ceil(ranks / count)}`]),
    ...['--bind-to', 'none'], // else each rank, with all its threads, gets one core
    ...(process.getuid?.() === 0 ? ['--allow-run-as-root'] : []),
    ...(nodes === undefined && ranks > availableParallelism() ? ['--oversubscribe'] : []),
    ...names.flatMap((name) => ['-x', name]),
  ];
}

function slurmFlags(ranks: number, nodes?: number): string[] {
  return [
    `--mpi=${findMpi().kind === 'openmpi' ? 'pmix' : 'pmi2'}`,
    '--kill-on-bad-exit=1', // a rank that dies takes the others along
    `--ntasks=${ranks}`,
    ...orNothing(nodes, (count) => [`--nodes=${count}`]),
  ];
}

/** Whose launcher a program is, by what it says of itself. */
function kindOf(program: string): 'mpich' | 'openmpi' {
  const { stdout, error } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  if (/open ?mpi|openrte|prrte/i.test(stdout)) return 'openmpi';
  if (/hydra|mpich|intel|mvapich/i.test(stdout)) return 'mpich';
  throw new CredenceError(
    'E_MPI',
    `${program} is no launcher of MPICH (or its relatives) or Open MPI: '${program} --version' says ${error ? error.message : JSON.stringify(stdout.slice(0, 80))}. Put one before it on the PATH`,
  );
}

/** The first launcher: beside the library that was chosen, on the PATH, in the Python environment. */
function mpiexec(): string | undefined {
  const { CREDENCE_MPI: library } = process.env;
  const [chosen, python] = [library && path.join(path.dirname(library), '..', 'bin'), pythonPrograms()];
  const beside = (folder: string | undefined) =>
    folder === undefined ? [] : ['mpiexec', 'mpirun'].map((name) => path.join(folder, name));
  return (
    beside(chosen).find(existsSync) ??
    onPath('mpiexec', process.env) ??
    onPath('mpirun', process.env) ??
    beside(python).find(existsSync)
  );
}

/**
 * What starts jobs here: `srun` within an allocation of Slurm, else the `mpiexec` of the MPI that is found.
 * @param wanted one of the two, wherever this is
 * @throws CredenceError E_MPI if there is none
 */
export function findLauncher(wanted?: 'mpirun' | 'srun'): Launcher {
  const srun = onPath('srun', process.env);
  const inAllocation = process.env['SLURM_JOB_ID'] !== undefined;
  if (wanted === 'srun' || (wanted === undefined && inAllocation && srun !== undefined)) {
    if (srun !== undefined) return { kind: 'slurm', program: srun, flags: slurmFlags };
    throw new CredenceError('E_MPI', "there is no srun on the PATH: this machine has no Slurm. Use 'mpirun'");
  }
  const program = mpiexec();
  if (program === undefined) {
    throw new CredenceError(
      'E_MPI',
      "no launcher of MPI was found: there is no mpiexec or mpirun on the PATH or in the Python environment. Run 'npm start', which installs one, or load the MPI module of your cluster",
    );
  }
  const kind = kindOf(program);
  return { kind, program, flags: kind === 'mpich' ? mpichFlags : openMpiFlags };
}
