import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { findLauncher, type JobOptions, jobOptions, type Launcher } from '../mpi';
import { count, validate } from '../validate';
import { listen } from './dial';
import { type Fate, type Pool, poolOver } from './pool';
import type { Rank } from './protocol';

/** Options of `pool`. */
export interface PoolOptions extends JobOptions {
  /** Workers of each process. Default: its share of the GPUs of its machine, or of the cores where there is no GPU. */
  workersPerRank?: number;
  /** Seconds that a process waits for the others in a step before it gives them up. Default 300. */
  patience?: number;
  /** Seconds until all processes must be there. Default 60, or a day where Slurm may make the job wait. */
  startWithin?: number;
}

const options = v.strictObject({
  ...jobOptions(1),
  workersPerRank: v.optional(count(1)),
  patience: v.optional(v.pipe(v.number(), v.gtValue(0)), 300),
  startWithin: v.optional(v.pipe(v.number(), v.gtValue(0))),
});

const START_S = 60;
const DAY_S = 86_400;
/** A job that was told to end has so long for it. */
const END_MS = 10_000;
/** A launcher whose first process is gone has so long to end, too. */
const LAUNCHER_MS = 5000;
/** Of what the launcher says, as much is kept. */
const LINES = 20;

/** Ended with this process, whatever ends it. */
const children = new Set<ChildProcess>();
process.once('exit', () => children.forEach((child) => child.kill()));

/**
 * Starts processes that train together, here or on the machines of a cluster, and waits until they are there. `fit` takes it as its
 * option `pool`; the run shows itself, pauses and stops as any other. The processes end with `close()`, or with this one.
 *
 * @example
 * ```ts
 * const cluster = await pool({ launcher: 'srun', nodes: 4 });
 * const run = fit(model, data, { pool: cluster, strategy: { sample: 4, data: 4 }, ... });
 * await run.done;
 * await cluster.close();
 * ```
 * @throws CredenceError E_OPTION, E_MPI where there is no launcher, E_CLUSTER where the job does not start
 */
export async function pool(given: PoolOptions = {}): Promise<Pool> {
  const settings = validate(options, given, 'pool');
  const { nodes, ranks = nodes ?? 1, workersPerRank, patience } = settings;
  const launcher = findLauncher(settings.launcher);
  const far = launcher.kind === 'slurm' || nodes !== undefined || settings.arguments.length > 0;
  const line = await listen(far);
  const env = {
    ...process.env,
    ...line.address,
    CREDENCE_PATIENCE: String(1000 * patience),
    ...(workersPerRank === undefined ? {} : { CREDENCE_WORKERS: String(workersPerRank) }),
    NO_COLOR: '1',
  };
  const child = start(launcher, [...launcher.flags(ranks, nodes, env), ...settings.arguments], env);
  const within = settings.startWithin ?? (launcher.kind === 'slurm' ? DAY_S : START_S);
  const lateness = new Promise<never>((_, reject) => {
    const late = (): void =>
      reject(new CredenceError('E_CLUSTER', child.tell(`the job was not there within ${within} s`)));
    setTimeout(late, 1000 * within).unref();
  });
  const death = child.ended.then((how) => {
    throw new CredenceError('E_CLUSTER', child.tell(how));
  });
  death.catch(() => undefined); // later it is the pool that is told
  try {
    const channel = await Promise.race([line.call, death, lateness]);
    return await Promise.race([poolOver(channel, child), death, lateness]);
  } catch (error) {
    void child.end();
    throw error;
  } finally {
    line.close();
  }
}

/** A launcher at work. */
interface Job extends Fate {
  /** How it ended. */
  ended: Promise<string>;
  /** A message with what the job has said last. */
  tell(what: string): string;
}

/** The process that the launcher says has died first: by its number in the job, or by that in its machine. */
function victim(said: readonly string[], ranks: readonly Rank[]): string | undefined {
  const text = said.join('\n');
  const task = /^srun: error: \S+: task (\d+): /m.exec(text)?.[1];
  const pid = Number(/\bPID (\d+)/.exec(text)?.[1]);
  const number = task === undefined ? ranks.findIndex((each) => each.pid === pid) : Number(task);
  const rank = ranks[number];
  return rank && `rank ${number} on ${rank.host} (process ${rank.pid}) has died`;
}

const ADVICE =
  'What was learned until the last checkpoint is kept: start another pool, and go on with resume(id, model, data, options)';

function start({ program }: Launcher, flags: readonly string[], env: NodeJS.ProcessEnv): Job {
  const command = [...flags, process.execPath, path.join(__dirname, 'main.js')];
  const child = spawn(program, command, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said.push(...text.split('\n').filter((line) => line.trim() !== ''));
      said.splice(0, said.length - LINES);
    });
    (stream as { unref?(): void }).unref?.();
  }
  child.unref();
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`${program} could not be started: ${error.message}`));
    child.once('close', (code, signal) => resolve(`the job has ended (${signal ?? `exit status ${code}`})`));
  }).finally(() => children.delete(child));
  const tell = (what: string): string => (said.length > 0 ? `${what}. It said:\n${said.join('\n')}` : what);
  return {
    ended,
    tell,
    explain: async (ranks) => {
      let timer: NodeJS.Timeout | undefined; // nothing else may keep this process until the reason is known
      const late = new Promise<string>((resolve) => {
        timer = setTimeout(() => {
          child.kill(); // it may wait for a machine that cannot be reached
          resolve('the first process is gone');
        }, LAUNCHER_MS);
      });
      const how = await Promise.race([ended, late]);
      clearTimeout(timer);
      return tell(`${victim(said, ranks) ?? how}. ${ADVICE}`);
    },
    end: async () => {
      const timer = setTimeout(() => child.kill(), END_MS);
      child.ref();
      await ended;
      clearTimeout(timer);
    },
  };
}
