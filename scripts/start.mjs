// npm start: set-up, run the quickstart notebook, serve JupyterLab on the result.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { setUp } from './setup.mjs';
import { runOpenly } from './support/child.mjs';
import { command } from './support/command.mjs';
import { Failure } from './support/failure.mjs';
import { requireFree, serveLab } from './support/jupyter.mjs';
import { inProject } from './support/project.mjs';

const help = `npm start [-- options]

Sets Credence up, runs notebooks/quickstart.ipynb, writes the result to notebooks/executed/ and opens it in JupyterLab.

  --run          stop after the notebook has run (also without a terminal)
  --port N       serve JupyterLab on this port (default: the first free one from 8888 on)
  --no-browser   do not open a browser
  --help         print this`;

/** @param {string[]} args */
function options(args) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        run: { type: 'boolean', default: false },
        port: { type: 'string' },
        'no-browser': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const port = values.port === undefined ? undefined : Number(values.port);
    if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65536)) {
      throw new Error(`--port must be a number from 1 to 65535, got '${values.port}'`);
    }
    return { ...values, port };
  } catch (error) {
    throw new Failure(/** @type {Error} */ (error).message, help);
  }
}

await command(async (report, args) => {
  const { run, port, help: wantsHelp, 'no-browser': noBrowser } = options(args);
  if (wantsHelp) {
    report.line(help);
    return 0;
  }
  if (port !== undefined) await requireFree(port);
  const { python, env } = await setUp(report);
  const [notebook, executed] = ['quickstart.ipynb', 'executed/quickstart.ipynb'];
  const source = inProject('notebooks', notebook);
  if (!existsSync(source)) {
    throw new Failure(
      'notebooks/quickstart.ipynb is missing.',
      'Restore it: git checkout notebooks/quickstart.ipynb',
    );
  }
  report.heading(`Running notebooks/${notebook}`);
  const code = await runOpenly(
    python,
    [inProject('scripts', 'run_notebook.py'), source, inProject('notebooks', executed)],
    { env },
  );
  if (code !== 0) return code;
  if (run || !process.stdin.isTTY || !process.stdout.isTTY) return 0;
  return serveLab({ python, env, notebook: executed, port, browser: !noBrowser, report });
});
