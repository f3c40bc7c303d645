import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Failure } from './failure.mjs';
import { inProject } from './project.mjs';
import { satisfies } from './version.mjs';

/**
 * The Python environment that Credence uses.
 * @typedef {object} PythonEnvironment
 * @property {string} prefix its folder
 * @property {string} python its interpreter
 * @property {boolean} ours whether it is the project's own .venv, which set-up makes, and not one the person activated
 */

/** @param {string} prefix @returns {string} */
const interpreter = (prefix) => path.join(prefix, 'bin', 'python');

/**
 * The environment in use: CREDENCE_PYTHON's, else the active virtual or conda environment, else .venv. conda's base
 * environment is left alone: it is active in every shell of many people and is no place for a project's packages.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {PythonEnvironment}
 */
export function pythonEnvironment(env = process.env) {
  const { CREDENCE_PYTHON, VIRTUAL_ENV, CONDA_PREFIX, CONDA_DEFAULT_ENV } = env;
  const own = inProject('.venv');
  const conda = CONDA_DEFAULT_ENV === 'base' ? undefined : CONDA_PREFIX;
  const active = [VIRTUAL_ENV, conda].find((prefix) => prefix && existsSync(interpreter(prefix)));
  const prefix = CREDENCE_PYTHON ? path.dirname(path.dirname(CREDENCE_PYTHON)) : (active ?? own);
  return { prefix, python: CREDENCE_PYTHON ?? interpreter(prefix), ours: path.resolve(prefix) === own };
}

/**
 * The variables under which programs find this environment.
 * @param {PythonEnvironment} environment
 * @returns {NodeJS.ProcessEnv}
 */
export function environmentVariables({ prefix, python, ours }) {
  return {
    ...process.env,
    CREDENCE_PYTHON: python,
    PATH: [path.join(prefix, 'bin'), process.env['PATH']].join(path.delimiter),
    // Python compiles what it imports and keeps it beside the packages; without that every start takes seconds longer
    ...(ours && { VIRTUAL_ENV: prefix, PYTHONDONTWRITEBYTECODE: '' }),
  };
}

// Readable by every Python there is, since old ones must be able to say that they are old
const question = `
import sys
try:
    import ensurepip, venv
    can = "yes"
except ImportError:
    can = "no"
sys.stdout.write("%d.%d.%d %s %s" % (sys.version_info[:3] + (can, sys.executable)))
`;

/**
 * Asks a Python what it is.
 * @param {string} program
 * @returns {{ version: string, makesEnvironments: boolean, path: string } | undefined} undefined if it does not run
 */
export function probe(program) {
  const { status, stdout } = spawnSync(program, ['-c', question], { encoding: 'utf8' });
  const match = status === 0 ? /^(\S+) (yes|no) (.+)$/m.exec(stdout) : null;
  return match ? { version: match[1], makesEnvironments: match[2] === 'yes', path: match[3] } : undefined;
}

const howToInstall =
  'Debian, Ubuntu: sudo apt install python3 python3-venv; macOS: brew install python@3.12; ' +
  'conda: conda env create -f environment.yml && conda activate credence';

/**
 * Finds a Python to make .venv with.
 * @param {string} range the versions that will do
 * @param {string[]} [candidates] programs to try, best first
 * @throws {Failure} if there is none, all have the wrong version, or it cannot make environments
 */
export function findPython(
  range,
  candidates = ['python3', 'python', 'python3.13', 'python3.12', 'python3.11', 'python3.10'],
) {
  const found = candidates.map(probe).filter((python) => python !== undefined);
  const fitting = found.filter(({ version }) => satisfies(version, range));
  const best = fitting.find(({ makesEnvironments }) => makesEnvironments);
  if (best) return best;
  const first = fitting[0] ?? found[0];
  if (!first) {
    throw new Failure(
      'Python was not found.',
      `Install Python ${range} (${howToInstall}), then run the command again.`,
    );
  }
  if (!fitting[0]) throw wrongVersion(first, range);
  throw new Failure(
    `Python ${first.version} (${first.path}) cannot make virtual environments: its venv module is missing.`,
    `Install it (Debian, Ubuntu: sudo apt install python3-venv) and run the command again.`,
  );
}

/**
 * @param {{ version: string, path: string }} python
 * @param {string} range
 */
export const wrongVersion = (python, range) =>
  new Failure(
    `Python ${python.version} (${python.path}) does not fit: Credence needs Python ${range}.`,
    `Install one that fits (${howToInstall}), then run the command again.`,
  );
