import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';

/** The folder of the compiled library that these tests use. */
export const libFolder = path.join(__dirname, '..', 'lib');

/** How a process ended, and what it said. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A process that has not ended by then hangs, and is killed. */
const LIMIT_MS = 200_000;

/**
 * Runs JavaScript in a process of its own, for what ends a process or must happen before anything is loaded.
 * @param program what it does; `require` is that of the library's folder
 */
export async function runScript(program: string, variables: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const index = JSON.stringify(path.join(libFolder, 'index.js'));
  const child = spawn(
    process.execPath,
    ['-e', `{ const require = process.getBuiltinModule('node:module').createRequire(${index}); ${program} }`],
    {
      env: { ...process.env, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
    },
  );
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const [[code, signal], stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, signal, stdout, stderr };
}
