import { askPython } from '../lib/environment';

const remedy = 'Activate its environment, set CREDENCE_PYTHON, or use --user';

/** `sys.prefix` of the Python environment in use. @throws CredenceError E_LIBRARY if there is no Python */
export const environmentPrefix = (): string => askPython('import sys; print(sys.prefix)', remedy);

/** The version of the Python in use. @throws CredenceError E_LIBRARY if there is none */
export const pythonVersion = (): string =>
  askPython('import platform; print(platform.python_version())', remedy);
