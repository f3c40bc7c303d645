/**
 * Finds libtensorflow (the one inside the Python wheel) and loads it once per process.
 * Everything that must happen before TensorFlow's static initialisers run happens here.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isMainThread } from 'node:worker_threads';
import koffi, { type LibraryHandle } from 'koffi';
import { pythonPackage } from '../../environment';
import { CredenceError } from '../../errors';

const mac = process.platform === 'darwin';
const fileNames = mac
  ? { framework: 'libtensorflow_framework.2.dylib', cc: 'libtensorflow_cc.2.dylib', c: 'libSystem.B.dylib' }
  : { framework: 'libtensorflow_framework.so.2', cc: 'libtensorflow_cc.so.2', c: 'libc.so.6' };

const RTLD_NOW = 0x2;
const RTLD_GLOBAL = mac ? 0x8 : 0x100;
const RTLD_NODELETE = mac ? 0x80 : 0x1000;

/** The folder that holds libtensorflow: `CREDENCE_TENSORFLOW`, or the `tensorflow` package of the Python in use. */
export function libraryFolder(): string {
  const folder = process.env['CREDENCE_TENSORFLOW'] ?? pythonPackage('tensorflow');
  for (const name of [fileNames.framework, fileNames.cc]) {
    if (!existsSync(path.join(folder, name))) {
      throw new CredenceError(
        'E_LIBRARY',
        `${name} is not in ${folder}. Install TensorFlow 2.21 or later ('npm start' does), or point CREDENCE_TENSORFLOW to the folder that has it`,
      );
    }
  }
  return folder;
}

/** TensorFlow reads its environment when it is loaded; a worker's `process.env` is a copy that C never sees. */
function setEnvironment(): void {
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '3';
  // one intra-op thread pool per context (the default is one per process, sized by whoever comes first)
  process.env['TF_OVERRIDE_GLOBAL_THREADPOOL'] ??= '1';
  // XLA stays at 256-bit vectors unless told otherwise: 1.3x slower steps where the CPU has AVX-512. (Its older emitters of loops,
  // --xla_cpu_use_fusion_emitters=false, would compile a quarter faster, but tanh and exp run 1.4x slower.)
  if (process.platform === 'linux' && /\bavx512f\b/.test(readFileSync('/proc/cpuinfo', 'latin1'))) {
    process.env['XLA_FLAGS'] ??= '--xla_cpu_prefer_vector_width=512';
  }
}

export interface Libraries {
  framework: LibraryHandle;
  cc: LibraryHandle;
  c: LibraryHandle;
}

let libraries: Libraries | undefined;

/**
 * Loads the libraries in this thread. They are pinned in the process: koffi unloads a library when a worker ends, but
 * TensorFlow's own threads outlive the worker and would run unmapped code.
 */
export function loadLibraries(): Libraries {
  if (libraries) return libraries;
  const folder = libraryFolder();
  if (isMainThread) setEnvironment();
  try {
    koffi.config({ sync_stack_size: 16 << 20 }); // XLA and MLIR recurse deeply, and run on koffi's stack
  } catch {
    // other code in this thread has used koffi before, so its stack size stands
  }
  const c = koffi.load(fileNames.c);
  const dlopen = c.func('dlopen', 'void *', ['const char *', 'int']) as (
    file: string,
    flags: number,
  ) => bigint | null;
  return quietly(c, () => {
    for (const name of [fileNames.framework, fileNames.cc]) {
      const file = path.join(folder, name);
      if (!dlopen(file, RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE)) {
        throw new CredenceError(
          'E_LIBRARY',
          `${file} could not be loaded: is it built for ${process.platform} ${process.arch}?`,
        );
      }
    }
    libraries = {
      framework: koffi.load(path.join(folder, fileNames.framework), { global: true }),
      cc: koffi.load(path.join(folder, fileNames.cc), { global: true }),
      c,
    };
    return libraries;
  });
}

/**
 * Runs `work` with the process's standard error sent nowhere. TensorFlow prints some lines before its log level is read,
 * and in a notebook they would land in the terminal of the Jupyter server.
 */
export function quietly<T>(c: LibraryHandle, work: () => T): T {
  if (!isMainThread) return work(); // already loaded by the main thread; the descriptor belongs to the whole process
  const dup = c.func('dup', 'int', ['int']) as (fd: number) => number;
  const dup2 = c.func('dup2', 'int', ['int', 'int']) as (from: number, to: number) => number;
  const open = c.func('open', 'int', ['const char *', 'int']) as (file: string, flags: number) => number;
  const close = c.func('close', 'int', ['int']) as (fd: number) => number;
  const [terminal, nowhere] = [dup(2), open('/dev/null', 1)];
  dup2(nowhere, 2);
  try {
    return work();
  } finally {
    dup2(terminal, 2);
    close(terminal);
    close(nowhere);
  }
}
