/** A measurement as data (for --json) and what is derived from it. */
import { type Setting, TORCH_BLUE, TORCH_BLUE_CLOSED } from './contenders';
import type { Machine } from './machine';
import type { ConfigResults, Result } from './measure';

export interface Report {
  machine: Machine;
  setting: Setting;
  /** Turns of each contender that were measured. */
  rounds: number;
  configs: ConfigResults[];
}

/** Ours over theirs: below 1 we are faster. */
export interface Ratio {
  ours: string;
  theirs: string;
  wallMs: number;
  cpuMs: number;
}

/**
 * What ratios go by. One thread: processor time, which other work on the machine disturbs less than the time that passes. Threads
 * that wait for each other use processor time in vain, and beside a GPU it says nothing: there it is the time that passes.
 */
export const clockOf = ({ device, threads }: Setting): 'wallMs' | 'cpuMs' =>
  device === 'cpu' && threads === 1 ? 'cpuMs' : 'wallMs';

/** The measurement, as the markers in docs/benchmarks.md name it. */
export const nameOf = ({ device, threads }: Setting): string => (device === 'gpu' ? 'gpu' : `cpu-${threads}`);

const isOurs = ({ name }: Result): boolean => name.startsWith('Credence');

/** Each of our estimators against the fastest peer, and against torch_blue with the same estimator. */
export function ratios({ results }: ConfigResults, setting: Setting): Ratio[] {
  const clock = clockOf(setting);
  // who does not train is not to be compared with
  const peers = results.filter((result) => !isOurs(result) && result.trains);
  const fastest = [...peers].sort((a, b) => a[clock] - b[clock])[0];
  return results.filter(isOurs).flatMap((ours) => {
    const sibling = ours.name.endsWith('local') ? TORCH_BLUE_CLOSED : TORCH_BLUE;
    const rivals = new Set([fastest, peers.find(({ name }) => name === sibling)]);
    return [...rivals].flatMap((rival) =>
      rival
        ? {
            ours: ours.name,
            theirs: rival.name,
            wallMs: ours.wallMs / rival.wallMs,
            cpuMs: ours.cpuMs / rival.cpuMs,
          }
        : [],
    );
  });
}

/** GFLOP per second, and its share of the machine's peak with as many threads. */
export function rate(
  result: Result,
  { peak }: ConfigResults,
  setting: Setting,
): { gflops: number; share: number | null } {
  const clock = clockOf(setting);
  const gflops = result.gflop / (result[clock] / 1000);
  return { gflops, share: peak === null ? null : gflops / peak[clock] };
}
