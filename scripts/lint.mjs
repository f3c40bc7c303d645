// npm run lint: every check that needs no running of the code. `npm test` does the same first.
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { runQuietly } from './support/child.mjs';
import { command } from './support/command.mjs';
import { Failure } from './support/failure.mjs';
import { inProject } from './support/project.mjs';

const checks = [
  {
    title: 'Format (prettier)',
    tool: 'prettier/bin/prettier.cjs',
    args: ['--check', '--log-level', 'warn', '.'],
  },
  { title: 'Types of the scripts (tsc)', tool: 'typescript/bin/tsc', args: ['--project', 'scripts'] },
  { title: 'Rules (eslint)', tool: 'eslint/bin/eslint.js', args: ['--max-warnings', '0', '.'] },
  {
    title: 'One-way imports (dependency-cruiser)',
    tool: 'dependency-cruiser/bin/dependency-cruise.mjs',
    args: ['--config', '.dependency-cruiser.cjs', '--output-type', 'err', 'lib', 'kernel', 'extension'],
  },
];

/**
 * Runs all checks, also after one has failed.
 * @param {import('./support/report.mjs').Report} report
 * @returns {Promise<boolean>} whether all are clean
 */
export async function lint(report) {
  const log = inProject('dist', 'lint.log');
  writeFileSync(log, '');
  let clean = true;
  for (const { title, tool, args } of checks) {
    const program = inProject('node_modules', tool);
    try {
      await report.step(title, () =>
        runQuietly(process.execPath, [program, ...args], { title, log, causes: [] }),
      );
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      report.failure(error);
      clean = false;
    }
  }
  return clean;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await command(async (report) => ((await lint(report)) ? 0 : 1));
}
