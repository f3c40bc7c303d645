import { execFileSync } from 'node:child_process';
import { pythonExecutable } from '../lib/environment';
import { CredenceError } from '../lib/errors';

/**
 * Runs a line of Python and returns what it prints.
 * @throws CredenceError E_LIBRARY if there is no Python
 */
function ask(program: string): string {
  const python = pythonExecutable();
  try {
    return execFileSync(python, ['-c', program], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch (cause) {
    throw new CredenceError(
      'E_LIBRARY',
      `Python was not found at '${python}'. Activate its environment, set CREDENCE_PYTHON, or use --user`,
      { cause },
    );
  }
}

/** `sys.prefix` of the Python environment in use. @throws CredenceError E_LIBRARY if there is no Python */
export const environmentPrefix = (): string => ask('import sys; print(sys.prefix)');

/** The version of the Python in use. @throws CredenceError E_LIBRARY if there is none */
export const pythonVersion = (): string => ask('import platform; print(platform.python_version())');
