import { existsSync, statfsSync, writeFileSync } from 'node:fs';
import { compile } from './steps/compile.mjs';
import { extension } from './steps/extension.mjs';
import { kernel } from './steps/kernel.mjs';
import { nodePackages } from './steps/node-packages.mjs';
import { pythonPackages } from './steps/python-packages.mjs';
import { runQuietly } from './support/child.mjs';
import { readEnvironment } from './support/environment-file.mjs';
import { Failure } from './support/failure.mjs';
import { acquire } from './support/lock.mjs';
import { inProject, root } from './support/project.mjs';
import { environmentVariables, pythonEnvironment } from './support/python.mjs';
import { readStamp, unfinished, writeStamp } from './support/stamp.mjs';
import { satisfies } from './support/version.mjs';

/**
 * Runs a program quietly.
 * @typedef {(program: string, args: string[]) => Promise<void>} Run
 *
 * One part of set-up. It is done when the stamp in `folder` equals `fingerprint()`.
 * @typedef {object} Step
 * @property {string} title
 * @property {string} folder what it makes
 * @property {number} gigabytes the disk space it takes
 * @property {() => string} fingerprint a hash of all that the result depends on
 * @property {() => void} [require] throws a Failure if something is missing without which `make` cannot succeed
 * @property {() => boolean} [present] whether the result is usable, where a stamp alone does not tell
 * @property {(context: { run: Run, stamp: string | undefined }) => Promise<void>} make
 */

/**
 * @param {string} version of Node
 * @param {string} range the versions that will do
 * @param {NodeJS.Platform} platform
 * @throws {Failure} if Credence cannot be set up here
 */
export function checkHost(version, range, platform) {
  if (platform === 'win32') {
    throw new Failure(
      'Credence is set up on Linux and macOS.',
      'On Windows, use the Windows Subsystem for Linux (wsl --install) and run the command there.',
    );
  }
  if (!satisfies(version, range)) {
    throw new Failure(
      `Node ${version} does not fit: Credence needs Node ${range}.`,
      'Install a newer one (https://nodejs.org, nvm install 22, or conda install nodejs), then run the command again.',
    );
  }
}

/**
 * @param {Step[]} pending
 * @param {number} free bytes
 * @throws {Failure} if the disk is too small for what is still to be made
 */
export function checkSpace(pending, free) {
  // What is there in an older form is replaced, so it takes little more
  const missing = pending.filter(({ folder }) => [undefined, unfinished].includes(readStamp(folder)));
  const needed = missing.reduce((sum, { gigabytes }) => sum + gigabytes, 0);
  if (free < needed * 1e9) {
    throw new Failure(
      `The disk is too full: set-up needs about ${needed.toFixed(1)} GB, and ${(free / 1e9).toFixed(1)} GB are free.`,
      'Free some space and run the command again.',
    );
  }
}

/** @param {Step} step */
const isDone = (step) => readStamp(step.folder) === step.fingerprint() && (step.present?.() ?? true);

/**
 * Makes one step's result. Until it is whole, its stamp says so.
 * @param {Step} step
 * @param {Run} run
 */
async function make(step, run) {
  const stamp = readStamp(step.folder);
  // A folder that is not there yet needs no mark, and some (a kernelspec) must not be seen half-made
  if (existsSync(step.folder)) writeStamp(step.folder, unfinished);
  const fingerprint = step.fingerprint();
  await step.make({ run, stamp });
  writeStamp(step.folder, fingerprint);
}

/**
 * Brings everything that Credence needs up to date, and does nothing where it is.
 * @param {import('./support/report.mjs').Report} report
 * @returns {Promise<{ python: string, env: NodeJS.ProcessEnv }>} the Python to use and the variables to start programs with
 * @throws {Failure} with what the person can do
 */
export async function setUp(report) {
  checkHost(process.versions.node, readEnvironment().node, process.platform);
  const environment = pythonEnvironment();
  const env = environmentVariables(environment);
  const steps = [
    nodePackages,
    pythonPackages(environment),
    compile,
    extension(environment),
    kernel(environment),
  ];
  const log = inProject('dist', 'setup.log');
  const lock = await acquire(inProject('dist', '.setup.lock'), (pid) =>
    report.line(`Another set-up is at work in this folder (process ${pid}); waiting for it to finish`),
  );
  try {
    const pending = steps.filter((step) => !isDone(step));
    if (pending.length > 0) {
      report.heading('Setting up Credence (only what is missing or out of date)');
      const { bavail, bsize } = statfsSync(root);
      checkSpace(pending, bavail * bsize);
      // Before the first minute is spent, and not after it
      for (const step of pending) step.require?.();
      writeFileSync(log, '');
    }
    // Asked again for each step, since what one step makes may be an input of the next
    for (const step of steps) {
      if (isDone(step)) continue;
      const run = /** @type {Run} */ (program, args) =>
        runQuietly(program, args, { title: step.title, log, env, onStart: (pid) => lock.childStarted(pid) });
      await report.step(step.title, () => make(step, run));
    }
  } finally {
    lock.release();
  }
  return { python: environment.python, env };
}
