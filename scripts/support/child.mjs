import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, openSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { explain, Failure, Interrupted } from './failure.mjs';
import { root } from './project.mjs';

/**
 * The programs at work, and how each is told to stop.
 * @type {Set<{ stop(signal: NodeJS.Signals, byTerminal: boolean): void }>}
 */
const working = new Set();

/** @type {NodeJS.Signals | undefined} */
let interruptedBy;

/** @param {NodeJS.Signals} signal */
const exitCodeOf = (signal) => 128 + constants.signals[signal];

/**
 * Sends a signal to a program and to everything it started.
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
export function killGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // it is gone already
  }
}

/**
 * From now on Ctrl-C stops the program at work instead of this process, and whoever waits for that program gets
 * `Interrupted`; so locks are released and half-made things stay marked as such on the way out.
 */
export function handleSignals() {
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      interruptedBy ??= signal;
      if (working.size === 0) process.exit(exitCodeOf(signal));
      for (const child of working) child.stop(signal, signal === 'SIGINT' && process.stdin.isTTY);
    });
  }
}

/**
 * Waits for a program to end.
 * @param {import('node:child_process').ChildProcess} child
 * @param {(signal: NodeJS.Signals, byTerminal: boolean) => void} stop
 * @returns {Promise<number>} its exit code
 */
async function finished(child, stop) {
  const entry = { stop };
  working.add(entry);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        resolve(code ?? exitCodeOf(signal ?? 'SIGKILL'));
      });
    });
  } finally {
    working.delete(entry);
    if (interruptedBy) throw new Interrupted(exitCodeOf(interruptedBy));
  }
}

/**
 * @typedef {object} QuietOptions
 * @property {string} title what is being done, for the message when it fails
 * @property {string} log the file that takes what the program prints
 * @property {NodeJS.ProcessEnv} [env]
 * @property {(pid: number) => void} [onStart]
 * @property {import('./failure.mjs').Cause[]} [causes] what may be to blame if it fails; by default the network and the like
 */

/**
 * Runs a program whose output nobody needs to see unless it fails.
 * @param {string} program
 * @param {string[]} args
 * @param {QuietOptions} options
 * @throws {Failure} if the program cannot be started or does not exit with 0
 * @throws {Interrupted} if the person interrupts
 */
export async function runQuietly(program, args, { title, log, env = process.env, onStart, causes }) {
  appendFileSync(log, `\n$ ${[program, ...args].join(' ')}\n`);
  const start = readFileSync(log).length;
  const output = openSync(log, 'a');
  try {
    // A process group of its own, so that everything the program starts can be stopped with it
    const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', output, output], detached: true });
    const pid = child.pid;
    if (pid !== undefined) onStart?.(pid);
    const code = await finished(child, (signal) => {
      if (pid === undefined) return;
      killGroup(pid, signal);
      setTimeout(() => killGroup(pid, 'SIGKILL'), 3000).unref();
    });
    if (code !== 0) throw explain(title, readFileSync(log).subarray(start).toString(), log, causes);
  } catch (error) {
    if (error instanceof Failure || error instanceof Interrupted) throw error;
    throw explain(title, String(error), log, causes);
  } finally {
    closeSync(output);
  }
}

/**
 * Runs a program on this terminal.
 * @param {string} program
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>} its exit code
 * @throws {Interrupted} if the person interrupts
 */
export function runOpenly(program, args, { env = process.env } = {}) {
  const child = spawn(program, args, { cwd: root, env, stdio: 'inherit' });
  // A terminal sends Ctrl-C to every program on it; a second signal from here would be taken for impatience
  return finished(child, (signal, byTerminal) => void (byTerminal || child.kill(signal)));
}
