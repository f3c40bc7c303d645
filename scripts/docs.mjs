// npm run docs: set-up, then the reference of the public interface, as web pages in docs/api.
import { setUp } from './setup.mjs';
import { runOpenly } from './support/child.mjs';
import { command } from './support/command.mjs';
import { inProject } from './support/project.mjs';

await command(async (report) => {
  const { env } = await setUp(report);
  const code = await runOpenly(process.execPath, [inProject('node_modules', 'typedoc', 'bin', 'typedoc')], {
    env,
  });
  if (code === 0) report.line('The reference is docs/api/index.html.');
  return code;
});
