/** The runs that are kept on disk, also those of other processes and of days before. */
import { rmSync } from 'node:fs';
import { CredenceError } from '../errors';
import { readable } from '../figures/numbers';
import { duration } from '../figures/wire/progress';
import { ndarray, type NdArray } from '../ndarray';
import { writeError } from './atomically';
import { newestCheckpoint } from './checkpoint';
import { readConfig, type RunConfig } from './config';
import { recentLoss } from './losses';
import { type Metrics, metricsFile, readMetrics } from './metricsLog';
import { findId, runFolder, runsRoot, startOf, storedIds } from './runFolder';
import { recordOf } from './record';
import { isBusy, readStatus, secondsOf, stateOf, type StoredState } from './status';
import { printedAs, table } from './table';

/** A run in the list. */
export interface RunSummary {
  id: string;
  /** 'unreadable' if its files are damaged: `message` says how. */
  state: StoredState | 'unreadable';
  /** Steps done. */
  step: number;
  /** Steps it was to do. */
  steps: number;
  started: Date;
  /** Seconds of work. */
  elapsed: number;
  /** Mean loss of the last steps; NaN before the first. */
  loss: number;
  /** Why it failed, or cannot be read. */
  message: string | null;
  folder: string;
}

/** A run as it is on disk. */
export interface StoredRun {
  id: string;
  state: StoredState;
  config: RunConfig;
  metrics: Metrics;
  /** Seconds of work. */
  elapsed: number;
  /** The newest checkpoint: the learned arrays by name, as they were after so many steps. Undefined if there is none yet. */
  checkpoint: { step: number; variables: ReadonlyMap<string, NdArray> } | undefined;
  folder: string;
}

/** The last bytes of a log hold more lines than are looked at. */
const TAIL = 1 << 14;

export function summary(id: string): RunSummary {
  const folder = runFolder(id);
  try {
    const config = readConfig(folder);
    const status = readStatus(folder);
    const metrics = readMetrics(metricsFile(folder), TAIL);
    return {
      id,
      state: stateOf(status),
      step: metrics.step.at(-1) ?? status.step,
      steps: config.steps,
      started: new Date(config.started),
      elapsed: secondsOf(status),
      loss: recentLoss(metrics),
      message: status.message,
      folder,
    };
  } catch (error) {
    if (!(error instanceof CredenceError)) throw error;
    return {
      id,
      state: 'unreadable',
      step: 0,
      steps: 0,
      started: startOf(id),
      elapsed: NaN,
      loss: NaN,
      message: error.message,
      folder,
    };
  }
}

function listText(list: readonly RunSummary[]): string {
  if (list.length === 0) return `No runs in ${runsRoot()}`;
  const rows = list.map(({ id, state, step, steps, started, elapsed, loss }) => [
    id,
    state,
    `${step} of ${steps}`,
    started.toLocaleString('sv').slice(0, 16), // year first, in local time
    Number.isNaN(elapsed) ? '–' : duration(elapsed),
    readable(loss, 4),
  ]);
  const reasons = list.flatMap(({ id, message }) => (message === null ? [] : [`${id}: ${message}`]));
  return [
    table([['id', 'state', 'step', 'started', 'elapsed', 'loss'], ...rows]),
    ...reasons,
    `in ${runsRoot()}`,
  ].join('\n');
}

/**
 * All runs, newest first.
 * @throws CredenceError E_FILE if the folder of runs cannot be read
 */
export function list(): RunSummary[] {
  const summaries = storedIds().map(summary);
  summaries.sort((a, b) => b.started.getTime() - a.started.getTime());
  return printedAs(summaries, () => listText(summaries));
}

/**
 * What is kept of a run.
 * @param id or as much of its beginning as tells it from the others
 * @throws CredenceError E_RUN if there is no such run, E_FILE if its files are damaged
 */
export function load(id: string): StoredRun {
  const { id: whole, state, config, metrics, elapsed, folder } = recordOf(id);
  const newest = newestCheckpoint(folder);
  const variables = new Map<string, NdArray>();
  for (const { name } of config.model) {
    const stored = newest?.tensors.get(name);
    if (stored?.values instanceof Float32Array) variables.set(name, ndarray(stored.values, stored.shape));
  }
  const run: StoredRun = {
    id: whole,
    state,
    config,
    metrics,
    elapsed,
    checkpoint: newest && { step: newest.step, variables },
    folder,
  };
  const { step } = metrics;
  return printedAs(run, () =>
    [
      `Run ${whole}: ${state}, step ${step.at(-1) ?? 0} of ${config.steps}, loss ${readable(recentLoss(metrics), 4)}`,
      newest ? `  checkpoint of step ${newest.step}: ${variables.size} variables` : '  no checkpoint yet',
      `  in ${folder}`,
    ].join('\n'),
  );
}

/**
 * Deletes what is kept of a run.
 * @param id or as much of its beginning as tells it from the others
 * @throws CredenceError E_RUN if there is no such run, or it is running; E_FILE if it cannot be deleted
 */
export function remove(id: string): void {
  // what is found is the name of a folder in the folder of runs: nothing else is ever deleted
  const whole = findId(id);
  const { state, folder } = summary(whole);
  if (state !== 'unreadable' && isBusy(state)) {
    throw new CredenceError('E_RUN', `run ${whole} is ${state}: stop it before you delete it`);
  }
  try {
    rmSync(folder, { recursive: true });
  } catch (cause) {
    throw writeError(folder, cause);
  }
}
