// npm test: set-up, the checks of `npm run lint`, then mocha. Arguments after -- go to mocha: options such as
// --grep kernel, or test files to run instead of all. All files run two at a time: most tests keep one core busy, or wait.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { lint } from './lint.mjs';
import { setUp } from './setup.mjs';
import { runOpenly } from './support/child.mjs';
import { command } from './support/command.mjs';
import { Failure } from './support/failure.mjs';
import { inProject } from './support/project.mjs';

/**
 * The data folder for the tests: the one the person chose, else a checkout of the data next to the project.
 * @returns {NodeJS.ProcessEnv}
 */
function dataVariables() {
  const beside = inProject('..', 'shared', 'data');
  return process.env['CREDENCE_DATA'] === undefined && existsSync(beside) ? { CREDENCE_DATA: beside } : {};
}

const allTests = ['--parallel', '--jobs', '2', 'dist/test/**/*.test.js', 'test/scripts/**/*.test.mjs'];

await command(async (report, args) => {
  const { env } = await setUp(report);

  report.heading('Checking the sources');
  const clean = await lint(report);

  report.heading('Running the tests');
  const summary = inProject('test-output', 'summary.txt');
  rmSync(summary, { force: true });
  const mocha = inProject('node_modules', 'mocha', 'bin', 'mocha.js');
  const reporter = ['--reporter', inProject('scripts', 'mocha-reporter.cjs')];
  const which = args.some((arg) => /\.test\.m?js$/.test(arg)) ? [] : allTests;
  const code = await runOpenly(
    process.execPath,
    ['--enable-source-maps', mocha, ...reporter, ...args, ...which],
    { env: { ...env, ...dataVariables() } },
  );
  if (!existsSync(summary)) {
    throw new Failure(
      `The tests did not finish: mocha ended with exit code ${code}.`,
      'What it printed above tells why.',
    );
  }
  if (!clean) report.line('The sources are not clean: see above. Formatting is mended by npm run format.');
  report.line(readFileSync(summary, 'utf8').trim());
  return code === 0 && clean ? 0 : 1;
});
