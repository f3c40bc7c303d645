import { closeSync, fsyncSync, openSync, renameSync, writevSync } from 'node:fs';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CredenceError } from '../errors';

/** Why nothing can be written, and what to do about it. */
const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full. Free some space, or set CREDENCE_RUNS to a folder on another disk',
  EDQUOT: 'your share of the disk is used up. Delete something, or set CREDENCE_RUNS to another folder',
  EFBIG:
    'files may not be that large here (see ulimit -f). Raise the limit, or set CREDENCE_RUNS to a folder on another disk',
  EACCES: 'you may not write there. Set CREDENCE_RUNS to a folder of your own',
  EPERM: 'you may not write there. Set CREDENCE_RUNS to a folder of your own',
  EROFS: 'it can only be read there. Set CREDENCE_RUNS to a folder that can be written to',
  EEXIST: 'something else has its name. Move it, or set CREDENCE_RUNS to another folder',
  ENOTDIR: 'a file is where a folder should be. Move it, or set CREDENCE_RUNS to another folder',
  ENOENT: 'its folder is gone: was it deleted? A run that goes on cannot be kept without it',
};

/** A failure of the file system as an error that says which file, why, and what to do. */
export function writeError(file: string, cause: unknown): CredenceError {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  return new CredenceError('E_FILE', `${file} cannot be written: ${reasons[code] ?? message}`, { cause });
}

/** What files are called until they are whole. */
export const PART = '.part';

/**
 * Writes a file so that whoever looks, at whatever time, even after a power cut, finds the old one or the new one and never half of one.
 * @param pieces of its content, one after the other
 * @throws CredenceError E_FILE; the old file is as it was then
 */
export async function writeAtomically(file: string, pieces: readonly Uint8Array[]): Promise<void> {
  // the process id keeps two processes that write the same file out of each other's way
  const part = `${file}.${process.pid}${PART}`;
  try {
    const handle = await open(part, 'w');
    try {
      await writeFile(handle, pieces);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, file);
  } catch (cause) {
    await rm(part, { force: true }).catch(() => undefined); // what went wrong first is what matters
    throw writeError(file, cause);
  }
  await syncFolder(path.dirname(file));
}

/**
 * The same without waiting, for a process that is about to end. What it leaves half-written is deleted when the run goes on.
 * @throws what the file system throws
 */
export function writeAtomicallySync(file: string, pieces: readonly Uint8Array[]): void {
  const part = `${file}.${process.pid}.end${PART}`;
  const descriptor = openSync(part, 'w');
  try {
    for (const piece of pieces) {
      for (let rest = piece; rest.length > 0;) rest = rest.subarray(writevSync(descriptor, [rest]));
    }
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(part, file);
}

/** Makes the new name last. Some network file systems cannot: the file is whole under its name all the same. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
