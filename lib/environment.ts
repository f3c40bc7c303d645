import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { CredenceError } from './errors';

/** The folder of the Credence package itself (compiled files live two levels below it). */
export const packageRoot = path.resolve(__dirname, '..', '..');

/** Where data sets are kept: `CREDENCE_DATA`, or `~/.cache/credence`. */
export const dataFolder = (): string =>
  process.env['CREDENCE_DATA'] ?? path.join(homedir(), '.cache', 'credence');

const inside = (folder: string | undefined): string | undefined =>
  folder === undefined
    ? undefined
    : [path.join(folder, 'bin', 'python'), path.join(folder, 'python.exe')].find(existsSync);

/** The Python whose packages are used: the active environment before the project's own, before the system's. */
export function pythonExecutable(): string {
  const { CREDENCE_PYTHON, VIRTUAL_ENV, CONDA_PREFIX, CONDA_DEFAULT_ENV } = process.env;
  return (
    CREDENCE_PYTHON ??
    inside(VIRTUAL_ENV) ??
    inside(CONDA_DEFAULT_ENV === 'base' ? undefined : CONDA_PREFIX) ?? // conda's base is active without anybody asking
    inside(path.join(packageRoot, '.venv')) ??
    'python3'
  );
}

/**
 * Runs a line of Python and returns what it prints.
 * @param remedy what to do where there is no Python
 * @throws CredenceError E_LIBRARY if there is no Python
 */
export function askPython(program: string, remedy = "Run 'npm start' once, or set CREDENCE_PYTHON"): string {
  const python = pythonExecutable();
  try {
    return execFileSync(python, ['-c', program], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch (cause) {
    throw new CredenceError('E_LIBRARY', `Python was not found at '${python}'. ${remedy}`, { cause });
  }
}

const found = new Map<string, string>();

/**
 * The folder of an installed Python package (whose libraries and data files we use without running Python).
 * @throws CredenceError E_LIBRARY if there is no Python, or the package is not in it
 */
export function pythonPackage(name: string): string {
  const python = pythonExecutable();
  const key = `${python}:${name}`;
  const known = found.get(key);
  if (known !== undefined) return known;
  // find_spec does not import the package: importing TensorFlow would take seconds
  const folder = askPython(
    `import importlib.util as u; s = u.find_spec(${JSON.stringify(name)}); print(s.submodule_search_locations[0] if s else '')`,
  );
  if (folder === '') {
    throw new CredenceError(
      'E_LIBRARY',
      `the Python package '${name}' is not installed for ${python}. Run 'npm start' once, or install it with '${python} -m pip install ${name}'`,
    );
  }
  found.set(key, folder);
  return folder;
}
