import { CredenceError } from '../errors';
import type { Run } from './run';

/** The runs of this process that are active, and the one that was started last. */
const active = new Map<string, Run>();
let last: Run | undefined;

/** Remembers a run: until it ends, and as the last one. */
export function register(run: Run): void {
  last = run;
  active.set(run.id, run);
  const forget = run.onChange(() => {
    if (run.active) return;
    active.delete(run.id);
    forget();
  });
}

export const findRun = (id: string): Run | undefined =>
  active.get(id) ?? (last?.id === id ? last : undefined);

export const activeRuns = (): Run[] => [...active.values()];

/**
 * The run that was started last: a name declared in an interrupted cell is lost, the run is not.
 * @throws CredenceError E_RUN if there was none
 */
export function lastRun(): Run {
  if (last) return last;
  throw new CredenceError('E_RUN', 'no run was started yet: call fit(model, data, options)');
}
