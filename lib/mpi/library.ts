/** Finds the MPI library and loads it, once per thread. */
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { isMainThread } from 'node:worker_threads';
import koffi, { type LibraryHandle } from 'koffi';
import { pythonExecutable } from '../environment';
import { CredenceError } from '../errors';
import { type Abi, abiOf, type MpiKind } from './abi';
import { candidates, startedBy } from './places';

const mac = process.platform === 'darwin';
const RTLD_NOW = 0x2;
const RTLD_GLOBAL = mac ? 0x8 : 0x100;
const RTLD_NODELETE = mac ? 0x80 : 0x1000;

/** What was found. */
export interface MpiLibrary {
  kind: MpiKind;
  /** The file, or its bare name where the system's loader found it. */
  file: string;
  /** As the library names itself: 'MPICH Version: 5.0.2', 'Open MPI v5.0.11'. */
  version: string;
}

export interface LoadedLibrary extends MpiLibrary {
  library: LibraryHandle;
  c: LibraryHandle;
  abi: Abi;
}

let loaded: LoadedLibrary | undefined;

const remedy = (): string =>
  `Install one with '${pythonExecutable()} -m pip install mpich' ('npm start' does), load the MPI module of your cluster, or set CREDENCE_MPI to the library's file (libmpi.so.12 of MPICH and its relatives, libmpi.so.40 of Open MPI)`;

/**
 * The MPI library that this process uses: `CREDENCE_MPI`, or the one that belongs to the launcher which started the process, or to
 * the `mpiexec` on the PATH, or that of the Python environment, or what the system's loader knows.
 * @throws CredenceError E_MPI if there is none, or the one to be used cannot be loaded
 */
export function findMpi(): MpiLibrary {
  const { kind, file, version } = loadMpi();
  return { kind, file, version };
}

/** @throws CredenceError E_MPI */
export function loadMpi(): LoadedLibrary {
  if (loaded) return loaded;
  try {
    koffi.config({ sync_stack_size: 16 << 20 }); // as the engine's, in case this is koffi's first use
  } catch {
    // other code in this thread has used koffi before, so its stack size stands
  }
  if (isMainThread) setEnvironment(); // a worker's is a copy that C never sees
  const c = koffi.load(mac ? 'libSystem.B.dylib' : 'libc.so.6');
  const [file, pinned] = pin(c);
  const dlsym = c.func('dlsym', 'void *', ['void *', 'const char *']) as (
    library: bigint,
    name: string,
  ) => bigint | null;
  const kind = kindOf(file, dlsym(pinned, 'ompi_mpi_comm_world') !== null);
  refuseForeign(kind, file);
  const library = koffi.load(file, { global: true });
  loaded = {
    kind,
    file,
    version: versionOf(library),
    library,
    c,
    abi: abiOf(kind, (name) => dlsym(pinned, name)!),
  };
  return loaded;
}

/**
 * UCX, the network layer of most MPI libraries, writes jumps over the first bytes of the C library's mmap, munmap and brk, to see
 * memory come and go. Node's other threads may be running that code, and now and then a process dies of it.
 */
function setEnvironment(): void {
  process.env['UCX_MEM_EVENTS'] ??= 'no';
}

/**
 * Keeps the library in the process for good: koffi unloads it when a worker ends, but its threads and exit handlers live on. A
 * library that is there but cannot be loaded is an error: the next best would not fit the launcher.
 */
function pin(c: LibraryHandle): [file: string, library: bigint] {
  const dlopen = c.func('dlopen', 'void *', ['const char *', 'int']) as (
    file: string,
    flags: number,
  ) => bigint | null;
  const dlerror = c.func('dlerror', 'const char *', []) as () => string;
  const { files, names, folders } = candidates(process.env);
  const [best] = files;
  for (const file of best === undefined ? names : [best]) {
    const library = dlopen(file, RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE);
    if (library !== null) return [file, library];
    const reason = dlerror();
    if (file !== best && reason.startsWith(`${file}: cannot open`)) continue; // the loader knows no such library
    throw new CredenceError(
      'E_MPI',
      `the MPI library ${file} cannot be loaded: ${reason}. It was chosen by ${process.env['CREDENCE_MPI'] === undefined ? 'where it lies' : 'CREDENCE_MPI'}. ${remedy()}`,
    );
  }
  const launcher = { mpich: "MPICH's mpiexec", openmpi: "Open MPI's mpirun" };
  const by = startedBy(process.env);
  throw new CredenceError(
    'E_MPI',
    `no MPI library was found${by ? ` that fits ${launcher[by]}, which started this process` : ''}: there is no ${names.join(', ')} in ${folders.join(', ') || 'any known folder'}, nor where the system's loader looks. ${remedy()}`,
  );
}

function kindOf(file: string, isOpenMpi: boolean): MpiKind {
  if (isOpenMpi) return 'openmpi';
  const name = path.isAbsolute(file) ? realpathSync(file) : file;
  return path.basename(name).startsWith('libmpi_abi') ? 'standard' : 'mpich';
}

/** MPICH's library ends the process when Open MPI's launcher has started it, and Open MPI's sees a single rank under MPICH's. */
function refuseForeign(kind: MpiKind, file: string): void {
  const by = startedBy(process.env);
  if (by === undefined || (by === 'openmpi') === (kind === 'openmpi')) return;
  const [launcher, library] =
    by === 'openmpi' ? ["Open MPI's mpirun", "MPICH's"] : ["MPICH's mpiexec", "Open MPI's"];
  throw new CredenceError(
    'E_MPI',
    `${launcher} started this process, but the MPI library ${file} is ${library}: they cannot work together. Start it with the mpiexec beside that library, or set CREDENCE_MPI to the library of the launcher`,
  );
}

function versionOf(library: LibraryHandle): string {
  const ask = library.func('MPI_Get_library_version', 'int', ['void *', 'void *']) as (
    text: Uint8Array,
    length: Int32Array,
  ) => number;
  const [text, length] = [Buffer.alloc(8192), new Int32Array(1)];
  ask(text, length);
  const [first = ''] = text.toString('latin1', 0, length[0]).split(/[\n,\0]/);
  return first.replace(/\s+/g, ' ').trim();
}
