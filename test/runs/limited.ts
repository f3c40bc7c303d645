import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { libFolder } from '../child';

const run = promisify(execFile);

/**
 * Runs JavaScript in a process that may write no file larger than some 16 kB (32 blocks): a disk that is full, without filling one.
 * @param program what it does; `require` is that of the library's folder
 * @returns what it prints
 */
export async function runLimited(program: string): Promise<string> {
  const index = JSON.stringify(path.join(libFolder, 'index.js'));
  const script = `{ const require = process.getBuiltinModule('node:module').createRequire(${index}); ${program} }`;
  const shell = ['-c', 'ulimit -f 32; exec "$0" -e "$1"', process.execPath, script];
  return (await run('sh', shell, { timeout: 50_000 })).stdout;
}
