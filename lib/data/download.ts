import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { positive } from '../validate';

/** A published file, and how to know that one has got it whole. */
export interface RemoteFile {
  url: string;
  /** Length in bytes. */
  bytes: number;
  /** Checksum, hexadecimal. */
  sha256: string;
}

/** How a file that is not there is fetched. */
export interface DownloadOptions {
  /** Where to download from, if not from the authors: a mirror that serves the same files. */
  url?: string;
  /** Told after every piece that arrives, in bytes. */
  onProgress?: (received: number, total: number) => void;
  /** Give up after so many seconds without a byte (default 30). */
  patience?: number;
}

/** The rules of these options, for those of a loader; `home` is where to download from unless the person names a mirror. */
export const downloadEntries = (home: string) => ({
  url: v.optional(v.pipe(v.string(), v.url('must be a URL')), home),
  onProgress: v.optional(
    v.custom<NonNullable<DownloadOptions['onProgress']>>(
      (value) => typeof value === 'function',
      'must be a function',
    ),
  ),
  patience: v.optional(positive()),
});

type Waiting = Pick<DownloadOptions, 'onProgress' | 'patience'>;

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** Streams the file to `target`; throws what went wrong in words for the end of a sentence. */
async function receive(remote: RemoteFile, target: string, options: Waiting): Promise<void> {
  const { onProgress, patience = 30 } = options;
  const abort = new AbortController();
  const giveUp = () => abort.abort(new Error(`no data for ${patience} seconds`));
  const watchdog = setTimeout(giveUp, 1000 * patience);
  const hash = createHash('sha256');
  let received = 0;

  async function* checked(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of body) {
      watchdog.refresh();
      received += piece.length;
      if (received > remote.bytes)
        throw new Error(`it is longer than the ${remote.bytes} bytes it should have`);
      hash.update(piece);
      onProgress?.(received, remote.bytes);
      yield piece;
    }
  }

  try {
    const response = await fetch(remote.url, { signal: abort.signal });
    if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`);
    await pipeline(response.body, checked, createWriteStream(target));
  } finally {
    clearTimeout(watchdog);
  }
  if (received !== remote.bytes) throw new Error(`it has ${received} bytes instead of ${remote.bytes}`);
  if (hash.digest('hex') !== remote.sha256) throw new Error('its checksum is wrong: the content has changed');
}

/** Node reports every network failure as "fetch failed", with the reason inside. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message;
}

/**
 * Makes sure that a data file is on this machine, downloading it where it is missing. It appears under its name only
 * when it is whole and its checksum right.
 * @param file where it belongs
 * @throws CredenceError E_FILE, which names the address and the folder
 */
export async function ensureFile(remote: RemoteFile, file: string, options: Waiting = {}): Promise<void> {
  if (await isThere(file)) return;
  // the process id keeps two kernels that start at once out of each other's way
  const part = `${file}.${process.pid}.part`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await receive(remote, part, options);
    await rename(part, file);
  } catch (cause) {
    await rm(part, { force: true }).catch(() => undefined); // what went wrong first is what matters
    throw new CredenceError(
      'E_FILE',
      `${path.basename(file)} is not in ${path.dirname(file)} and could not be downloaded from ${remote.url}: ${reasonOf(cause)}. ` +
        `Put the file there yourself, or set CREDENCE_DATA to the data folder that has it`,
      { cause },
    );
  }
}

/**
 * The same for several files that are published at one address. Progress is told over all that are missing.
 * @param url the address that their names are put behind
 * @param files by name
 * @throws CredenceError E_FILE
 */
export async function ensureFiles(
  url: string,
  files: Readonly<Record<string, Omit<RemoteFile, 'url'>>>,
  folder: string,
  { onProgress, patience }: Waiting = {},
): Promise<void> {
  const missing: (RemoteFile & { file: string })[] = [];
  for (const [name, { bytes, sha256 }] of Object.entries(files)) {
    const file = path.join(folder, name);
    if (!(await isThere(file)))
      missing.push({ file, url: `${url.replace(/\/*$/, '')}/${name}`, bytes, sha256 });
  }
  const total = missing.reduce((sum, { bytes }) => sum + bytes, 0);
  let before = 0;
  for (const { file, ...remote } of missing) {
    const start = before;
    await ensureFile(remote, file, {
      patience,
      onProgress: (received) => onProgress?.(start + received, total),
    });
    before += remote.bytes;
  }
}
