import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * When a process started, in the operating system's own notation. Together with the number of the process it tells
 * a process from a later one which was given the same number.
 * @param {number} pid
 * @returns {string | undefined} undefined if there is no such process (or only its not yet collected remains)
 */
export function startTime(pid) {
  try {
    if (process.platform !== 'linux') {
      return (
        execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
      );
    }
    // "pid (name) state ... starttime": the name may hold anything, so count from its closing bracket
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** @typedef {{ pid: number, started: string | undefined }} Identity */

/** @param {number} pid @returns {Identity} */
export const identify = (pid) => ({ pid, started: startTime(pid) });

/** @param {Identity} identity */
export const isAlive = ({ pid, started }) => started !== undefined && startTime(pid) === started;
