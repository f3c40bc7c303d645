import { CredenceError } from '../errors';
import type { TrainingState } from '../parallel/plan/state';
import { type Layout, newestCheckpoint, stateIn } from './checkpoint';
import { fingerprint, readConfig, type RunConfig } from './config';
import { findId, runFolder } from './runFolder';
import { isBusy, readStatus, stateOf } from './status';

/** What a run needs to go on. */
export interface Resumable {
  config: RunConfig;
  state: TrainingState;
  /** Seconds of work so far. */
  seconds: number;
}

/**
 * The state in which a run is to go on.
 * @param id or as much of its beginning as tells it from the others
 * @throws CredenceError E_RUN if there is no such run, it is running, it has no checkpoint, or that is of another model; E_FILE if it is damaged
 */
export function loadState(id: string, layout: Layout): Resumable {
  const whole = findId(id);
  const folder = runFolder(whole);
  const config = readConfig(folder);
  const status = readStatus(folder);
  if (isBusy(stateOf(status))) {
    const { pid, host } = status.process;
    throw new CredenceError(
      'E_RUN',
      `run ${whole} is still ${status.state} in process ${pid} on ${host}: stop it there first`,
    );
  }
  const checkpoint = newestCheckpoint(folder);
  if (!checkpoint) {
    throw new CredenceError(
      'E_RUN',
      `run ${whole} ended before its first checkpoint: there is nothing to go on from. Start a new run`,
    );
  }
  if (checkpoint.run !== whole || checkpoint.fingerprint !== fingerprint(config)) {
    throw new CredenceError(
      'E_RUN',
      `${checkpoint.file} is not of the run that config.json beside it describes: one of them was copied or edited`,
    );
  }
  return { config, state: stateIn(checkpoint, layout), seconds: status.seconds };
}
