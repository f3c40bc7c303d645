/** The peers' Python packages, in an environment of their own: nothing of Credence needs them. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot, pythonExecutable } from '../lib/environment';
import { CredenceError } from '../lib/errors';
import type { DeviceKind } from './configs';

const folder = path.join(packageRoot, 'bench', '.venv');
const requirements = path.join(packageRoot, 'bench', 'peers', 'requirements.txt');
const stamp = path.join(folder, '.credence-stamp');

export const peerPython = path.join(folder, 'bin', 'python');

function call(program: string, ...args: string[]): void {
  const { status, error } = spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status === 0) return;
  throw new CredenceError(
    'E_LIBRARY',
    `the peers could not be installed: '${program} ${args.join(' ')}' failed (${error?.message ?? `exit code ${status}`}). What it printed tells why; the same command tries again`,
  );
}

/**
 * Installs the peers unless they are there: some gigabytes, once.
 * @param torchIndex where pip finds a build of PyTorch other than PyPI's (which is for CUDA on Linux, 5 GB)
 * @throws CredenceError E_LIBRARY
 */
export function installPeers(device: DeviceKind, torchIndex: string | undefined): void {
  const wanted = `${readFileSync(requirements, 'utf8')}${device}\n`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  process.stderr.write(`Installing the peers into ${folder}: once, some minutes\n`);
  rmSync(stamp, { force: true });
  call(pythonExecutable(), '-m', 'venv', folder);
  const pip = (...args: string[]): void => call(peerPython, '-m', 'pip', 'install', '--quiet', ...args);
  if (torchIndex !== undefined) pip('--index-url', torchIndex, 'torch');
  pip('--requirement', requirements, ...(device === 'gpu' ? ['jax[cuda13]'] : []));
  writeFileSync(stamp, wanted);
}
