import path from 'node:path';
import { inProject } from '../support/project.mjs';
import { filesBelow, fingerprint } from '../support/stamp.mjs';

/**
 * Registers the TypeScript kernel in the environment.
 * @param {import('../support/python.mjs').PythonEnvironment} environment
 * @returns {import('../setup.mjs').Step}
 */
export function kernel({ prefix, python }) {
  const cli = inProject('dist', 'kernel', 'cli.js');
  return {
    title: 'Register the TypeScript kernel with Jupyter',
    folder: path.join(prefix, 'share', 'jupyter', 'kernels', 'credence'),
    gigabytes: 0,
    // The kernelspec names this Node, this folder, and the version
    fingerprint: () =>
      fingerprint({
        values: [process.execPath, cli, python],
        files: [
          ...filesBelow(inProject('kernel', 'kernelspec')),
          inProject('kernel', 'install.ts'),
          inProject('package.json'),
        ],
      }),
    make: ({ run }) => run(process.execPath, [cli, 'kernel', 'install', '--sys-prefix']),
  };
}
