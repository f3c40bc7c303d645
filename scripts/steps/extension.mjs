import path from 'node:path';
import { inProject } from '../support/project.mjs';
import { filesBelow, fingerprint } from '../support/stamp.mjs';
import { npm } from './node-packages.mjs';

/**
 * Builds the JupyterLab extension and installs it into the environment, as a person would with `pip install`.
 * @param {import('../support/python.mjs').PythonEnvironment} environment
 * @returns {import('../setup.mjs').Step}
 */
export function extension({ prefix, python }) {
  const source = inProject('extension');
  return {
    title: 'Build the JupyterLab extension and install it',
    folder: path.join(prefix, 'share', 'jupyter', 'labextensions', 'credence-lab'),
    gigabytes: 0.1,
    fingerprint: () =>
      fingerprint({
        // All but what the build itself writes
        files: [
          ...filesBelow(source, {
            skip: /^(lib|dist|labextension|node_modules)$/,
            pattern: /(?<!\.tsbuildinfo)$/,
          }),
          ...filesBelow(inProject('lib', 'figures'), { pattern: /\.ts$/ }),
          ...filesBelow(inProject('docs'), { skip: /^api$/ }),
          inProject('package-lock.json'),
        ],
      }),
    make: async ({ run }) => {
      const { program, first } = npm();
      await run(program, [...first, 'run', 'build', '--workspace', 'extension']);
      // What it needs is in the environment already; a build environment of its own would be made anew every time
      const options = ['--no-deps', '--no-build-isolation', '--force-reinstall'];
      await run(python, ['-m', 'pip', 'install', ...options, source]);
    },
  };
}
