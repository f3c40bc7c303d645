/** Pages of docs/: each measurement stands between two markers and is replaced by the next of its kind. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { packageRoot } from '../lib/environment';
import { CredenceError } from '../lib/errors';

/**
 * The page with a measurement in its place.
 * @param name of the measurement, as the page's markers have it: 'cpu-1', 'scaling'
 * @throws CredenceError E_FILE if the page has no place for it
 */
export function insert(text: string, name: string, measured: string): string {
  const [open, close] = [`<!-- bench ${name} -->`, `<!-- end ${name} -->`];
  const [from, to] = [text.indexOf(open), text.indexOf(close)];
  if (from < 0 || to < from) {
    throw new CredenceError(
      'E_FILE',
      `the page has no place for this measurement: it needs the lines '${open}' and '${close}'`,
    );
  }
  return `${text.slice(0, from + open.length)}\n\n${measured}\n\n${text.slice(to)}`;
}

/** Writes a measurement into a page of docs/. */
export async function writePage(file: string, name: string, measured: string): Promise<void> {
  const page = path.join(packageRoot, 'docs', file);
  const text = insert(readFileSync(page, 'utf8'), name, measured);
  writeFileSync(page, await format(text, { ...(await resolveConfig(page)), filepath: page }));
}
