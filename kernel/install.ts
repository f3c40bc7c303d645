import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { packageRoot, pythonExecutable } from '../lib/environment';
import { CredenceError } from '../lib/errors';
import { environmentPrefix } from './python';
import { version } from './version';

/** Where a kernelspec is registered: for the Python environment in use, for the user, or below a given prefix. */
export type Target = { kind: 'sys-prefix' } | { kind: 'user' } | { kind: 'prefix'; prefix: string };

/** A kernelspec of ours that Jupyter knows. */
export interface Installed {
  name: string;
  folder: string;
  /** Whether the program that it starts is still there. */
  working: boolean;
}

interface KernelSpec {
  argv: string[];
  metadata?: { credence?: { version: string } };
}

/**
 * The command that starts the kernel; Jupyter appends the connection file. The flag lets Node live on after the
 * watchdog has terminated a loop in a timer: Node's books about asynchronous calls are then off by one, at which it
 * would abort.
 */
export const kernelCommand = (): string[] => [
  process.execPath,
  '--no-force-async-hooks-checks',
  path.join(__dirname, 'main.js'),
];

/** Jupyter's data folder of this user. */
function userFolder(): string {
  const { JUPYTER_DATA_DIR, APPDATA, XDG_DATA_HOME } = process.env;
  if (JUPYTER_DATA_DIR) return JUPYTER_DATA_DIR;
  if (process.platform === 'darwin') return path.join(homedir(), 'Library', 'Jupyter');
  if (process.platform === 'win32') return path.join(APPDATA ?? homedir(), 'jupyter');
  return path.join(XDG_DATA_HOME ?? path.join(homedir(), '.local', 'share'), 'jupyter');
}

/** Jupyter's data folder of a target. @throws CredenceError E_LIBRARY if it takes a Python that is not there */
export function dataFolderOf(target: Target): string {
  if (target.kind === 'user') return userFolder();
  const prefix = target.kind === 'prefix' ? path.resolve(target.prefix) : environmentPrefix();
  return path.join(prefix, 'share', 'jupyter');
}

/** The content of kernel.json. */
function kernelSpec(): KernelSpec & Record<string, unknown> {
  const python = pythonExecutable();
  return {
    argv: [...kernelCommand(), '{connection_file}'],
    display_name: 'TypeScript (Credence)',
    language: 'typescript',
    // Jupyter's signal would hit the whole process group, also what a cell has started
    interrupt_mode: 'message',
    env: path.isAbsolute(python) ? { CREDENCE_PYTHON: python } : {},
    metadata: { credence: { version } },
  };
}

/** The kernelspec in a folder, if it is one of ours. */
function readOwn(folder: string): KernelSpec | undefined {
  try {
    const spec = JSON.parse(readFileSync(path.join(folder, 'kernel.json'), 'utf8')) as KernelSpec;
    return spec.metadata?.credence ? spec : undefined;
  } catch {
    return undefined;
  }
}

function folderOf(target: Target, name: string): string {
  if (!/^[a-z0-9._-]+$/i.test(name)) {
    throw new CredenceError(
      'E_OPTION',
      `--name must consist of letters, digits, '.', '_' and '-', got '${name}'`,
    );
  }
  const folder = path.join(dataFolderOf(target), 'kernels', name);
  if (existsSync(folder) && !readOwn(folder)) {
    throw new CredenceError(
      'E_KERNEL',
      `'${folder}' holds another kernel. Choose another --name, or remove it with 'jupyter kernelspec remove ${name}'`,
    );
  }
  return folder;
}

/**
 * Registers the kernel with Jupyter, in place of an earlier registration. Jupyter never sees half of it.
 * @returns the folder of the kernelspec
 * @throws CredenceError E_KERNEL if the folder holds another kernel or cannot be written
 */
export function install(target: Target, name: string): string {
  const folder = folderOf(target, name);
  let made: string | undefined;
  try {
    mkdirSync(path.dirname(folder), { recursive: true });
    // beside Jupyter's list of kernels, on the same file system
    made = mkdtempSync(path.join(dataFolderOf(target), '.credence-'));
    const fresh = path.join(made, 'fresh');
    mkdirSync(fresh);
    const logos = path.join(packageRoot, 'kernel', 'kernelspec');
    for (const file of readdirSync(logos)) copyFileSync(path.join(logos, file), path.join(fresh, file));
    writeFileSync(path.join(fresh, 'kernel.json'), `${JSON.stringify(kernelSpec(), null, 2)}\n`);
    if (existsSync(folder)) renameSync(folder, path.join(made, 'replaced'));
    renameSync(fresh, folder);
  } catch (cause) {
    throw new CredenceError(
      'E_KERNEL',
      `the kernel could not be registered in '${folder}': ${(cause as Error).message}. Try --user or --prefix`,
      { cause },
    );
  } finally {
    if (made !== undefined) rmSync(made, { recursive: true, force: true });
  }
  return folder;
}

/**
 * Removes the registration.
 * @returns the folder that was removed
 * @throws CredenceError E_KERNEL if the kernel is not registered there
 */
export function uninstall(target: Target, name: string): string {
  const folder = folderOf(target, name);
  if (!existsSync(folder)) {
    throw new CredenceError('E_KERNEL', `no kernel '${name}' is registered in '${path.dirname(folder)}'`);
  }
  rmSync(folder, { recursive: true });
  return folder;
}

/** The registrations of Credence in a folder of Jupyter. */
export function list(dataFolder: string): Installed[] {
  const kernels = path.join(dataFolder, 'kernels');
  const names = existsSync(kernels) ? readdirSync(kernels) : [];
  return names.flatMap((name) => {
    const folder = path.join(kernels, name);
    const spec = readOwn(folder);
    if (!spec) return [];
    const programs = spec.argv.filter((argument) => path.isAbsolute(argument));
    return [{ name, folder, working: programs.every(existsSync) }];
  });
}
