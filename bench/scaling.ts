/** Who takes part in the measurement of scaling: each contender alone, and with its steps shared out over the cores. */
import type { Config } from './configs';
import { type Entry, node, type Place, python, TORCH_BLUE } from './contenders';
import { lastCores } from './cores';

/**
 * How the work of a step (B data, S samples) is shared out over W workers. sample: each draws S/W samples. data: each sees B/W data.
 * weak: each draws S samples, the step has W S. apart, and shares apart: each makes steps of its own, of S or of S/W samples, and knows
 * nothing of the others: what the machine allows those that share out a step.
 */
export type Mode = 'alone' | 'sample' | 'data' | 'weak' | 'sharesApart' | 'apart';

export interface Part {
  /** Whose it is: all its parts are compared with the one that is alone. */
  family: string;
  mode: Mode;
  entry: Entry;
}

export const OURS = 'Credence';

const titles: Record<Mode, string> = {
  alone: 'alone',
  sample: 'samples shared',
  data: 'data shared',
  weak: 'samples times workers',
  sharesApart: 'shares side by side',
  apart: 'side by side',
};

function ours(config: Config, workers: number): Part[] {
  const part = (mode: Mode, script: string, ...more: string[]): Part => {
    const name = `${OURS}, ${titles[mode]}`;
    const entry = node(name, { kind: 'ours', estimator: 'weights' }, script, ...more);
    const threads = mode === 'alone' ? 1 : workers;
    return {
      family: OURS,
      mode,
      entry: { ...entry, command: (place, folder) => entry.command({ ...place, threads }, folder) },
    };
  };
  return [
    part('alone', 'ours.js'),
    part('sample', 'ours.js'),
    part('data', 'ours.js', '--strategy', 'data'),
    part('weak', 'ours.js', '--samples', String(workers * config.samples)),
    part('sharesApart', 'apart.js', '--samples', String(Math.ceil(config.samples / workers))),
    part('apart', 'apart.js'),
  ];
}

/** PyTorch with a process for each worker, of one thread each, joined by torch.distributed over gloo. */
function theirs(family: string, script: string, config: Config, workers: number): Part[] {
  const part = (mode: Mode, ...more: string[]): Part => {
    const entry = python(`${family}, ${titles[mode]}`, script, undefined, more);
    const cores = lastCores(mode === 'alone' ? 1 : workers);
    const command = (place: Place, folder: string) => entry.command({ ...place, threads: 1, cores }, folder);
    return { family, mode, entry: { ...entry, command } };
  };
  const processes = ['--processes', String(workers)];
  return [
    part('alone'),
    part('sample', ...processes, '--share', 'samples'),
    part('data', ...processes, '--share', 'data'),
    part('weak', ...processes, '--share', 'samples', '--samples', String(workers * config.samples)),
  ];
}

/** @param peers whether others than Credence take part */
export function parts(config: Config, workers: number, peers: boolean): Part[] {
  const others = [
    ...theirs(TORCH_BLUE, 'blue.py', config, workers),
    ...theirs('PyTorch, loop', 'torch_loop.py', config, workers),
  ];
  return [...ours(config, workers), ...(peers ? others : [])];
}
