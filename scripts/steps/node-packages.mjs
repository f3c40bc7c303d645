import { existsSync } from 'node:fs';
import path from 'node:path';
import { inProject } from '../support/project.mjs';
import { fingerprint } from '../support/stamp.mjs';

/** How to start npm: the one that runs this script if there is one, else the one on the PATH. */
export function npm() {
  const running = process.env['npm_execpath'];
  return running && path.basename(running) === 'npm-cli.js' && existsSync(running)
    ? { program: process.execPath, first: [running] }
    : { program: 'npm', first: [] };
}

/** @type {import('../setup.mjs').Step} */
export const nodePackages = {
  title: 'Install the Node packages of package-lock.json',
  folder: inProject('node_modules'),
  gigabytes: 0.8,
  fingerprint: () =>
    fingerprint({
      values: [process.platform, process.arch],
      files: ['package.json', 'package-lock.json', '.npmrc', 'extension/package.json'].map((file) =>
        inProject(file),
      ),
    }),
  make: async ({ run }) => {
    const { program, first } = npm();
    // The compilers are development packages, which npm leaves out where NODE_ENV=production. Without a network the
    // default waits between attempts add up to minutes.
    const options = ['--include=dev', '--no-audit', '--no-fund', '--fetch-retry-mintimeout=1000'];
    await run(program, [...first, 'ci', ...options, '--fetch-retry-maxtimeout=5000']);
  },
};
