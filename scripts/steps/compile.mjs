import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { inProject, root } from '../support/project.mjs';
import { filesBelow, fingerprint } from '../support/stamp.mjs';

const folders = ['lib', 'kernel', 'test', 'bench'];
const dist = inProject('dist');

const sources = () =>
  folders.flatMap((folder) => filesBelow(inProject(folder), { pattern: /\.ts$/, skip: /^\.venv$/ }));

/** Whether every source has its compiled file. */
const isWhole = () =>
  sources()
    .filter((source) => !source.endsWith('.d.ts'))
    .every((source) => existsSync(path.join(dist, path.relative(root, source)).replace(/\.ts$/, '.js')));

/**
 * Deletes compiled files whose source is gone: a deleted test would go on running, a deleted module be importable.
 */
function prune() {
  const compiled = /(\.js|\.js\.map|\.d\.ts)$/;
  for (const file of folders.flatMap((folder) =>
    filesBelow(path.join(dist, folder), { pattern: compiled }),
  )) {
    const source = path.join(root, path.relative(dist, file)).replace(compiled, '.ts');
    if (!existsSync(source)) rmSync(file);
  }
}

/** @type {import('../setup.mjs').Step} */
export const compile = {
  title: 'Compile the TypeScript sources',
  folder: dist,
  gigabytes: 0,
  fingerprint: () =>
    fingerprint({ files: [...sources(), inProject('tsconfig.json'), inProject('package-lock.json')] }),
  present: isWhole,
  make: async ({ run }) => {
    prune();
    // The compiler's memory of an earlier run says what need not be written again, also if it was deleted since
    if (!isWhole()) rmSync(path.join(dist, '.tsbuildinfo'), { force: true });
    // By its full path: node_modules/.bin/tsc may be the older compiler that tslab brings
    await run(process.execPath, [inProject('node_modules', 'typescript', 'bin', 'tsc'), '--project', root]);
  },
};
