/** The page docs/benchmarks.md: each measurement stands between two markers and is replaced by the next of its kind. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { packageRoot } from '../lib/environment';
import { CredenceError } from '../lib/errors';
import type { Setting } from './contenders';

const page = path.join(packageRoot, 'docs', 'benchmarks.md');

const nameOf = ({ threads, device }: Setting): string => (device === 'gpu' ? 'gpu' : `cpu-${threads}`);

/**
 * The page with the measurement of a setting in its place.
 * @throws CredenceError E_FILE if the page has no place for it
 */
export function insert(text: string, setting: Setting, measured: string): string {
  const [open, close] = [`<!-- bench ${nameOf(setting)} -->`, `<!-- end ${nameOf(setting)} -->`];
  const [from, to] = [text.indexOf(open), text.indexOf(close)];
  if (from < 0 || to < from) {
    throw new CredenceError(
      'E_FILE',
      `docs/benchmarks.md has no place for this measurement: it needs the lines '${open}' and '${close}'`,
    );
  }
  return `${text.slice(0, from + open.length)}\n\n${measured}\n\n${text.slice(to)}`;
}

/** Writes a measurement into the page. */
export async function writePage(setting: Setting, measured: string): Promise<void> {
  const text = insert(readFileSync(page, 'utf8'), setting, measured);
  writeFileSync(page, await format(text, { ...(await resolveConfig(page)), filepath: page }));
}
