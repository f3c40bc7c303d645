import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { runOpenly } from './child.mjs';
import { Failure, Interrupted } from './failure.mjs';
import { freePort, isFree } from './port.mjs';
import { inProject } from './project.mjs';

const usualPort = 8888;

/**
 * @param {number} port
 * @throws {Failure} if the port is taken
 */
export async function requireFree(port) {
  if (await isFree(port)) return;
  throw new Failure(
    `Port ${port} is taken by another program.`,
    'Choose another with --port, or leave --port out to get the next free one.',
  );
}

async function anyPort() {
  const port = await freePort(usualPort);
  if (port === undefined)
    throw new Failure(`No port is free from ${usualPort} on.`, 'Choose one with --port.');
  return port;
}

/**
 * Resolves when the server answers, or after a minute: then its own output tells more than we can.
 * @param {number} port
 */
async function answers(port) {
  for (let attempt = 0; attempt < 300; attempt++) {
    const response = await fetch(`http://127.0.0.1:${port}/api`).catch(() => undefined);
    if (response?.ok) return;
    await sleep(200);
  }
}

/**
 * Serves JupyterLab until the person stops it.
 * @param {object} options
 * @param {string} options.python
 * @param {NodeJS.ProcessEnv} options.env
 * @param {string} options.notebook the notebook to open, relative to notebooks/
 * @param {number | undefined} options.port
 * @param {boolean} options.browser whether to open a browser
 * @param {import('./report.mjs').Report} options.report
 * @returns {Promise<number>} the exit code of JupyterLab
 */
export async function serveLab({ python, env, notebook, port: wanted, browser, report }) {
  const port = wanted ?? (await anyPort());
  // In a variable and not an argument, since everyone on the machine can see the arguments of a program
  const token = randomBytes(24).toString('hex');
  const args = [
    ...[
      '-m',
      'jupyterlab',
      `--ServerApp.root_dir=${inProject('notebooks')}`,
      '--ServerApp.log_level=WARN',
      '--LabApp.log_level=WARN',
    ],
    ...[`--LabApp.default_url=/lab/tree/${notebook}`, `--port=${port}`, '--ServerApp.port_retries=0'],
    ...(browser ? [] : ['--no-browser']),
    ...(process.getuid?.() === 0 ? ['--allow-root'] : []),
  ];
  const ended = runOpenly(python, args, { env: { ...env, JUPYTER_TOKEN: token } });
  await Promise.race([ended, answers(port)]);
  report.line(`\nJupyterLab is at http://localhost:${port}/lab/tree/${notebook}?token=${token}`);
  report.line('Stop it with Ctrl-C.');
  try {
    return await ended;
  } catch (error) {
    // Ctrl-C is how a person is told to end it
    if (error instanceof Interrupted && error.exitCode === 130) return 0;
    throw error;
  }
}
