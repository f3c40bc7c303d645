/** How far a run is, or how it ended: its `state.json`. */
import path from 'node:path';
import * as v from 'valibot';
import { readJson, writeJson } from './jsonFile';
import { isAlive, processIdentity } from './processIdentity';

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

export function stateOf({ state, process }: Status): StoredState {
  const goesOn = state === 'running' || state === 'paused';
  return goesOn && !isAlive(process) ? 'interrupted' : state;
}

/** Whether a process works on the run now, or may. */
export const isBusy = (state: StoredState): boolean => state === 'running' || state === 'paused';
