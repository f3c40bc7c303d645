import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { readEnvironment, withCuda } from '../support/environment-file.mjs';
import { findPython, probe, wrongVersion } from '../support/python.mjs';
import { satisfies } from '../support/version.mjs';
import { fingerprint, stampName, unfinished, writeStamp } from '../support/stamp.mjs';

/** Whether the tool that comes with NVIDIA's driver is on the PATH: cheap, unlike running it. */
const hasDriverTool = () =>
  (process.env['PATH'] ?? '').split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, 'nvidia-smi'), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** Whether there is an NVIDIA GPU with a working driver. */
const hasGpu = () => hasDriverTool() && spawnSync('nvidia-smi', ['-L'], { stdio: 'ignore' }).status === 0;

/**
 * Makes .venv, or uses the environment that the person activated, and installs what environment.yml lists.
 * @param {import('../support/python.mjs').PythonEnvironment} environment
 * @returns {import('../setup.mjs').Step}
 */
export function pythonPackages({ prefix, python, ours }) {
  /** @param {import('../setup.mjs').Run} run @param {string} range */
  const makeAnew = async (run, range) => {
    const base = findPython(range);
    writeStamp(prefix, unfinished);
    // All but the stamp, which says `unfinished`: cut short at any point, the next run starts anew again
    for (const name of readdirSync(prefix)) {
      if (name !== stampName) rmSync(path.join(prefix, name), { recursive: true, force: true });
    }
    await run(base.path, ['-m', 'venv', prefix]);
  };

  return {
    title: `Install the Python packages of environment.yml into ${ours ? '.venv' : prefix}`,
    folder: prefix,
    gigabytes: hasDriverTool() ? 8 : 2.2,
    fingerprint: () => fingerprint({ values: [readEnvironment().pip, hasDriverTool(), python] }),
    present: () => existsSync(python),
    require: () => {
      if (ours && !existsSync(python)) findPython(readEnvironment().python);
    },
    make: async ({ run, stamp }) => {
      const { pip, python: range } = readEnvironment();
      const usable = stamp !== unfinished && existsSync(python);
      if (ours && !usable) await makeAnew(run, range);
      const found = probe(python);
      if (found && !satisfies(found.version, range)) throw wrongVersion(found, range);
      const gpu = hasGpu();
      // Both builds own the same folder: installed over each other they leave a mixture
      if (gpu) await run(python, ['-m', 'pip', 'uninstall', '--yes', 'tensorflow-cpu']);
      // TensorFlow's library is used without its Python code, so compiling 10,000 Python files ahead is wasted
      await run(python, ['-m', 'pip', 'install', '--no-compile', ...(gpu ? withCuda(pip) : pip)]);
    },
  };
}
