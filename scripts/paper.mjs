// npm run notebooks:paper: set-up, then the notebooks in notebooks/paper, one after the other.
import { readdirSync } from 'node:fs';
import { setUp } from './setup.mjs';
import { runOpenly } from './support/child.mjs';
import { command } from './support/command.mjs';
import { inProject } from './support/project.mjs';

await command(async (report) => {
  const { python, env } = await setUp(report);
  let code = 0;
  for (const name of readdirSync(inProject('notebooks', 'paper')).filter((file) => file.endsWith('.ipynb'))) {
    report.heading(`Running notebooks/paper/${name}`);
    const files = [inProject('notebooks', 'paper', name), inProject('notebooks', 'executed', 'paper', name)];
    const failed = await runOpenly(python, [inProject('scripts', 'run_notebook.py'), ...files], { env });
    code ||= failed;
  }
  return code;
});
