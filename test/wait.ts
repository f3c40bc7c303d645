import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from '../lib/runs/run';

/** Waits until something is so. Mocha's time limit bounds it. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(5);
}

/** Waits until a run has done so many steps, or has ended. */
export const steps = (run: Run, count: number): Promise<void> =>
  until(() => !run.active || run.step >= count);

/** Waits until a number stays as it is: longer than a worker may sleep before it looks again. Returns the number. */
export async function settled(value: () => number): Promise<number> {
  for (;;) {
    const before = value();
    await sleep(150);
    if (value() === before) return before;
  }
}
