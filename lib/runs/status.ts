/** How far a run is, or how it ended: its `state.json`. */
import path from 'node:path';
import * as v from 'valibot';
import { readJson, writeJson } from './jsonFile';
import { isAlive, isHere, processIdentity } from './processIdentity';

export const status = v.object({
  state: v.picklist(['running', 'paused', 'done', 'stopped', 'failed']),
  /** Why it failed. */
  message: v.nullable(v.string()),
  /** Steps done. */
  step: v.number(),
  /** Seconds of work until `updated`, over all processes that worked on it. */
  seconds: v.number(),
  updated: v.pipe(v.string(), v.isoTimestamp()),
  ended: v.nullable(v.pipe(v.string(), v.isoTimestamp())),
  process: processIdentity,
});
export type Status = v.InferOutput<typeof status>;

/** What became of a run: 'interrupted' if its process is gone and did not say how it ended. @inline */
export type StoredState = Status['state'] | 'interrupted';

const statusFile = (folder: string): string => path.join(folder, 'state.json');

/** @throws CredenceError E_FILE */
export const writeStatus = (folder: string, value: Status): Promise<void> =>
  writeJson(statusFile(folder), value);

/** @throws CredenceError E_FILE */
export const readStatus = (folder: string): Status => readJson(statusFile(folder), status);

/** A run that trains writes here every ten seconds, or after a step that takes longer. */
const SILENCE_MS = 5 * 60_000;

export function stateOf({ state, process, updated }: Status): StoredState {
  const goesOn = state === 'running' || state === 'paused';
  if (!goesOn) return state;
  // of another machine it is only known whether something is heard of it; who pauses writes nothing
  const silent = state === 'running' && Date.now() - Date.parse(updated) > SILENCE_MS;
  const gone = isHere(process) ? !isAlive(process) : silent;
  return gone ? 'interrupted' : state;
}

/** Seconds of work until now, or until the last sign of life. */
export const secondsOf = (status: Status): number =>
  status.seconds + (stateOf(status) === 'running' ? (Date.now() - Date.parse(status.updated)) / 1000 : 0);

/** Whether a process works on the run now, or may. */
export const isBusy = (state: StoredState): boolean => state === 'running' || state === 'paused';
