/** Long work as a generator that stops for a moment after each of its steps: done at once, or with time for others in between. */
import { setImmediate as nextTurn } from 'node:timers/promises';

export type BySteps<T> = Generator<undefined, T, undefined>;

/** Does it at once. */
export function atOnce<T>(work: BySteps<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** Does it while timers, messages and whatever else waits have their turns between two steps. */
export async function inTurns<T>(work: BySteps<T>): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    await nextTurn();
  }
}
