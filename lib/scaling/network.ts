/** What messages between processes cost: measured, for the model of `predictScaling`. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { findLauncher, type JobOptions, jobOptions } from '../mpi';
import { validate } from '../validate';
import { fitCosts, type Timed } from './fitCosts';
import { wayBetween } from './fitScaling';
import { type Cluster, costNames, countsOf, type StepCosts } from './stepCosts';

/** Options of `measureNetwork`. */
export interface MeasureNetworkOptions extends JobOptions {
  /** How the messages are taken to go. Default: 'tree'. */
  between?: Cluster['between'];
}

/** What was measured. */
export interface Network extends Pick<StepCosts, 'betweenHop' | 'betweenByte'> {
  ranks: number;
  /** Seconds in which all ranks have the sum of their vectors of so many bytes, the median of several. */
  times: { bytes: number; seconds: number }[];
}

const options = v.strictObject({
  ...jobOptions(2),
  between: v.optional(wayBetween, 'tree'),
});

const SIZES = [4, 1e4, 1e5, 1e6, 1e7];
/** In which it is done, unless Slurm makes the job wait. */
const LIMIT_MS = 120_000;

/**
 * Measures how long it takes processes to add up vectors over MPI, on this machine or between machines, and what a message and a byte of that
 * cost. On one machine they speak through its memory, which is quicker than a network.
 *
 * @example
 * ```ts
 * const { betweenHop, betweenByte } = await measureNetwork({ launcher: 'srun', nodes: 4 });
 * ```
 * @throws CredenceError E_OPTION, E_MPI where there is no launcher, E_CLUSTER where the job fails
 */
export async function measureNetwork(given: MeasureNetworkOptions = {}): Promise<Network> {
  const { launcher: wanted, nodes, between, ...rest } = validate(options, given, 'measureNetwork');
  const ranks = rest.ranks ?? Math.max(2, nodes ?? 2);
  const launcher = findLauncher(wanted);
  const command = [process.execPath, path.join(__dirname, 'networkRank.js'), ...SIZES.map(String)];
  const seconds = await secondsOf(
    launcher.program,
    [...launcher.flags(ranks, nodes), ...rest.arguments, ...command],
    launcher.kind === 'slurm' ? 0 : LIMIT_MS,
  );
  const times = SIZES.map((bytes, i) => ({ bytes, seconds: seconds[i]! }));
  const place = { mesh: { sample: 1, data: ranks }, samples: 1, batch: ranks };
  const timed = times.map(({ bytes, seconds }): Timed => ({
    counts: countsOf(place, { devicesPerNode: 1, bytes, between }),
    seconds,
  }));
  const known = Object.fromEntries(costNames.map((name) => [name, 0]));
  const { betweenHop, betweenByte } = fitCosts(timed, ['betweenHop', 'betweenByte'], known);
  return { ranks, betweenHop, betweenByte, times };
}

async function secondsOf(program: string, args: readonly string[], timeout: number): Promise<number[]> {
  try {
    const { stdout } = await promisify(execFile)(program, args, {
      env: { ...process.env, NO_COLOR: '1' },
      timeout,
    });
    return JSON.parse(/^\[[^\]]*\]$/m.exec(stdout)![0]) as number[];
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim();
    throw new CredenceError(
      'E_CLUSTER',
      `measureNetwork: the job did not say what it measured. Try its command by hand: ${program} ${args.join(' ')}${said ? `. It said:\n${said}` : ''}`,
      { cause: error },
    );
  }
}
