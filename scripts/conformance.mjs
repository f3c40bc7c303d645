// npm run conformance: set-up, then tfjs-core's own test suite on our backend. An argument after -- is a pattern: only specs whose
// names match it run. The last line is `N passed, N failed`; the exit code is 1 if anything failed.
import { setUp } from './setup.mjs';
import { runOpenly } from './support/child.mjs';
import { command } from './support/command.mjs';
import { inProject } from './support/project.mjs';

await command(async (report, args) => {
  const { env } = await setUp(report);
  return runOpenly(process.execPath, [inProject('dist', 'test', 'conformance', 'suite.js'), ...args], {
    env,
  });
});
