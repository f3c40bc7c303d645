import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { inProject, root } from '../support/project.mjs';
import { filesBelow, fingerprint } from '../support/stamp.mjs';

const folders = ['lib', 'kernel', 'test', 'bench'];
const dist = inProject('dist');

/**
 * Deletes compiled files whose source is gone: a deleted test would go on running, a deleted module be importable.
 */
function prune() {
  for (const file of folders.flatMap((folder) =>
    filesBelow(path.join(dist, folder), { pattern: /\.(js|js\.map|d\.ts)$/ }),
  )) {
    const source = path.join(root, path.relative(dist, file)).replace(/(\.js|\.js\.map|\.d\.ts)$/, '.ts');
    if (!existsSync(source)) rmSync(file);
  }
}

/** @type {import('../setup.mjs').Step} */
export const compile = {
  title: 'Compile the TypeScript sources',
  folder: dist,
  gigabytes: 0,
  fingerprint: () =>
    fingerprint({
      files: [
        ...folders.flatMap((folder) => filesBelow(inProject(folder), { pattern: /\.ts$/ })),
        inProject('tsconfig.json'),
        inProject('package-lock.json'),
      ],
    }),
  make: async ({ run }) => {
    prune();
    // By its full path: node_modules/.bin/tsc may be the older compiler that tslab brings
    await run(process.execPath, [inProject('node_modules', 'typescript', 'bin', 'tsc'), '--project', root]);
  },
};
