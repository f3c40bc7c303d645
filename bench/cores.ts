/** Binds a process to processor cores, so that it cannot use more than its share. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Command } from './contender';

/** The cores that this process may use. */
function allowedCores(): number[] {
  const status = readFileSync('/proc/self/status', 'latin1');
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number) as [number, number | undefined];
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** Whether processes can be bound to cores here: on Linux with util-linux. */
export const canPin = spawnSync('taskset', ['--version']).status === 0;

/** The last `count` cores: interrupts tend to go to the first ones. */
export const lastCores = (count: number): number[] => (canPin ? allowedCores().slice(-count) : []);

/** The command bound to these cores, where that is possible. */
export const pinned = (command: Command, cores: readonly number[]): Command =>
  canPin
    ? { ...command, program: 'taskset', args: ['-c', cores.join(','), command.program, ...command.args] }
    : command;
