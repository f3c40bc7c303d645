/** Which process did something: a process id alone is given to others later. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import * as v from 'valibot';

export const processIdentity = v.object({
  pid: v.number(),
  /** When it was started, in the words of its system; null where that cannot be found out. */
  started: v.nullable(v.string()),
  host: v.string(),
});
export type ProcessIdentity = v.InferOutput<typeof processIdentity>;

/** When a process was started: this boot of the machine, and clock ticks since; null if there is no such process. */
function startOnLinux(pid: number): string | null {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  // the name of the process stands in parentheses and may hold anything; the start is the 20th word after it
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [state, ...words] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' ? null : `${boot} ${words[18]}`; // a zombie is dead, and only waits for its parent to notice
}

function startOf(pid: number): string | null {
  try {
    if (process.platform === 'linux') return startOnLinux(pid);
    const ps = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return ps.trim() || null;
  } catch {
    return null;
  }
}

let own: ProcessIdentity | undefined;

/** This process. */
export const thisProcess = (): ProcessIdentity =>
  (own ??= { pid: process.pid, started: startOf(process.pid), host: hostname() });

/** Whether it is a process of this machine: others cannot be seen from here. */
export const isHere = ({ host }: ProcessIdentity): boolean => host === hostname();

/** Whether a process of this machine goes on. */
export const isAlive = ({ pid, started }: ProcessIdentity): boolean =>
  started !== null && startOf(pid) === started;
