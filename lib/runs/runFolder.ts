/**
 * Where runs are kept: a folder for each, named by the id of the run.
 *
 *   config.json                       what was asked for
 *   state.json                        how far it is, or how it ended
 *   metrics.jsonl                     the losses of every step
 *   checkpoint-<step>.safetensors     all that training changes, after that step: the newest two
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { CredenceError } from '../errors';
import { closest } from '../validate';

/** `CREDENCE_RUNS`, or `credence/runs` where programs of this person keep data. Read at each call: a notebook may set it. */
export function runsRoot(): string {
  const { CREDENCE_RUNS, XDG_DATA_HOME } = process.env;
  if (CREDENCE_RUNS) return path.resolve(CREDENCE_RUNS);
  // a relative XDG_DATA_HOME is to be ignored, says its specification
  const home = XDG_DATA_HOME && path.isAbsolute(XDG_DATA_HOME) ? XDG_DATA_HOME : undefined;
  return path.join(home ?? path.join(homedir(), '.local', 'share'), 'credence', 'runs');
}

/** Year, month, day, time of day and four digits of chance. The time is UTC: so ids sort by time, whatever the clocks do. */
const ID = /^\d{4}-\d{2}-\d{2}-\d{6}-[0-9a-f]{4}$/;

const given = new Set<string>();

/** An id that no run has. */
export function newRunId(now = new Date()): string {
  const [date, time] = now.toISOString().split('T') as [string, string];
  for (;;) {
    const id = `${date}-${time.slice(0, 8).replaceAll(':', '')}-${randomBytes(2).toString('hex')}`;
    if (given.has(id) || existsSync(runFolder(id))) continue;
    given.add(id);
    return id;
  }
}

/** When a run was started, as its id says. */
export function startOf(id: string): Date {
  const [year, month, day, time] = id.split('-') as [string, string, string, string];
  return new Date(`${year}-${month}-${day}T${time.replace(/(..)(..)(..)/, '$1:$2:$3')}Z`);
}

export const runFolder = (id: string): string => path.join(runsRoot(), id);

/** The ids of all runs that are kept, oldest first. */
export function storedIds(): string[] {
  try {
    return readdirSync(runsRoot(), { withFileTypes: true })
      .filter((each) => each.isDirectory() && ID.test(each.name))
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []; // nothing was ever kept
    throw new CredenceError('E_FILE', `the folder of runs cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/**
 * The whole id of a run.
 * @param start as much of its beginning as tells it from the others
 * @throws CredenceError E_RUN if there is none, or several
 */
export function findId(start: string): string {
  const ids = storedIds();
  const found = typeof start === 'string' && start !== '' ? ids.filter((id) => id.startsWith(start)) : [];
  if (found.length === 1) return found[0]!;
  if (found.length > 1) {
    throw new CredenceError(
      'E_RUN',
      `${found.length} runs begin with '${start}': ${found.slice(-3).join(', ')}${found.length > 3 ? ', ...' : ''}. Write more of the id`,
    );
  }
  const hint = closest(String(start), ids);
  throw new CredenceError(
    'E_RUN',
    `there is no run '${start}' in ${runsRoot()}. ${hint ? `Did you mean '${hint}'?` : 'runs.list() shows those there are'}`,
  );
}
