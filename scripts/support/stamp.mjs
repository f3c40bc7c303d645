import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * A stamp is a small file inside a made thing (node_modules, .venv, dist) which says from which inputs it was made.
 * Deleting the thing deletes its stamp, and work that was cut short leaves `unfinished`: neither can be mistaken for
 * something whole.
 */
export const stampName = '.credence-stamp';

/** What the stamp of a half-made thing says. */
export const unfinished = 'unfinished';

/**
 * @param {string} folder
 * @returns {string | undefined} the fingerprint of the inputs, `unfinished`, or undefined where there is no stamp
 */
export function readStamp(folder) {
  try {
    return readFileSync(path.join(folder, stampName), 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Replaces the stamp in one step: whoever reads it meanwhile sees the old one or the new one.
 * @param {string} folder
 * @param {string} text
 */
export function writeStamp(folder, text) {
  mkdirSync(folder, { recursive: true });
  const temporary = path.join(folder, `${stampName}.${process.pid}`);
  writeFileSync(temporary, text);
  renameSync(temporary, path.join(folder, stampName));
}

/**
 * A hash over values and over the contents of files. A file that is missing counts as such.
 * @param {{ values?: unknown[], files?: string[] }} inputs
 */
export function fingerprint({ values = [], files = [] }) {
  const hash = createHash('sha256').update(JSON.stringify(values));
  for (const file of files) {
    const content = existsSync(file) ? readFileSync(file) : undefined;
    // The length keeps the end of one file apart from the beginning of the next
    hash.update(`\n${file}:${content?.length ?? 'missing'}\n`).update(content ?? '');
  }
  return hash.digest('hex');
}

/**
 * All files below a folder, sorted; none where the folder does not exist.
 * @param {string} folder
 * @param {{ pattern?: RegExp, skip?: RegExp }} [options] which file names to take, which folder names to leave out
 * @returns {string[]}
 */
export function filesBelow(folder, { pattern = /^[^.]/, skip = /^$/ } = {}) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const full = path.join(folder, entry.name);
      if (entry.isDirectory()) return skip.test(entry.name) ? [] : filesBelow(full, { pattern, skip });
      return pattern.test(entry.name) ? [full] : [];
    })
    .sort();
}
