/** Where an MPI library may be: the one that belongs to what started this process, before any other. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pythonExecutable } from '../environment';
import type { MpiKind } from './abi';

type Variables = NodeJS.ProcessEnv;

const fileNames: Record<MpiKind, readonly string[]> =
  process.platform === 'darwin'
    ? {
        mpich: ['libmpi.12.dylib', 'libmpich.12.dylib'],
        openmpi: ['libmpi.40.dylib'],
        standard: ['libmpi_abi.1.dylib'],
      }
    : {
        mpich: ['libmpi.so.12', 'libmpich.so.12'],
        openmpi: ['libmpi.so.40'],
        standard: ['libmpi_abi.so.1'],
      };

/** Whose launcher started this process, as far as the environment tells. A library of another kind would see no other ranks. */
export function startedBy(env: Variables): 'mpich' | 'openmpi' | undefined {
  if (env['OMPI_COMM_WORLD_SIZE'] !== undefined) return 'openmpi';
  if (env['HYDI_CONTROL_FD'] !== undefined) return 'mpich';
  // Slurm speaks the same protocol with libraries of either kind
  return env['PMI_SIZE'] !== undefined && env['SLURM_STEP_ID'] === undefined ? 'mpich' : undefined;
}

/** The first program of this name on the PATH. */
export const onPath = (name: string, env: Variables): string | undefined =>
  (env['PATH'] ?? '')
    .split(path.delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => path.join(folder, name))
    .find(existsSync);

/** The folder of the programs of the Python environment in use; a bare `python3` is the system's, which the PATH has. */
export function pythonPrograms(): string | undefined {
  const python = pythonExecutable();
  return path.isAbsolute(python) ? path.dirname(python) : undefined;
}

/** The folders that a library is looked for in. */
function folders(env: Variables): string[] {
  const launcher = onPath('mpiexec', env);
  const prefixes = [launcher && path.dirname(launcher), pythonPrograms()]
    .filter((programs) => programs !== undefined)
    .map((programs) => path.dirname(programs));
  const own = env['OMPI_LIBDIR_LOC']; // Open MPI's launcher says where its library is
  return [
    ...(own === undefined ? [] : [own]),
    ...prefixes.flatMap((prefix) => ['lib', 'lib64'].map((lib) => path.join(prefix, lib))),
  ];
}

/** The names of libraries that work with what started this process. */
function wanted(env: Variables): readonly string[] {
  const { mpich, openmpi, standard } = fileNames;
  const launcher = startedBy(env);
  if (launcher === 'openmpi') return openmpi;
  return launcher === 'mpich' ? [...mpich, ...standard] : [...mpich, ...openmpi, ...standard];
}

export interface Candidates {
  /** Files that exist, the best first. */
  files: string[];
  /** What the system's loader may find where no file is known. */
  names: readonly string[];
  /** Where the files were looked for. */
  folders: readonly string[];
}

/** What may be loaded, the best first. `CREDENCE_MPI` decides alone. */
export function candidates(env: Variables): Candidates {
  const chosen = env['CREDENCE_MPI'];
  if (chosen !== undefined) return { files: [chosen], names: [], folders: [] };
  const names = wanted(env);
  const searched = folders(env);
  const files = searched.flatMap((folder) => names.map((name) => path.join(folder, name))).filter(existsSync);
  return { files, names, folders: searched };
}
