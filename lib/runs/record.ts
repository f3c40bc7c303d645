import { readConfig, type RunConfig } from './config';
import { type Metrics, metricsFile, readMetrics } from './metricsLog';
import { findId, runFolder } from './runFolder';
import { readStatus, secondsOf, stateOf, type StoredState } from './status';

/** A run as it is on disk, but for what it has learned. */
export interface RunRecord {
  id: string;
  state: StoredState;
  config: RunConfig;
  metrics: Metrics;
  /** Seconds of work. */
  elapsed: number;
  /** Why it failed. */
  message: string | null;
  folder: string;
}

/**
 * @param id or as much of its beginning as tells it from the others
 * @throws CredenceError E_RUN if there is no such run, E_FILE if its files are damaged
 */
export function recordOf(id: string): RunRecord {
  const whole = findId(id);
  const folder = runFolder(whole);
  const config = readConfig(folder);
  const status = readStatus(folder);
  return {
    id: whole,
    state: stateOf(status),
    config,
    metrics: readMetrics(metricsFile(folder)),
    elapsed: secondsOf(status),
    message: status.message,
    folder,
  };
}
