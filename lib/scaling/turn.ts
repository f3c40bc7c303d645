import { CredenceError } from '../errors';
import type { Run } from '../runs/run';
import type { Meter } from './energy';

/** Seconds of a step, the mean of the workers. */
export interface StepTimes {
  compute: number;
  exchange: number;
  wait: number;
}

/** What was measured of a run, for each of its steps. */
export interface Turn {
  seconds: number;
  times: StepTimes;
  /** In the meter's unit, all workers together. */
  energy: number;
}

/** A moment of a run. */
interface Mark {
  step: number;
  at: number;
  energy: number;
  times: StepTimes;
}

/**
 * Trains until a run has made `steps` steps after those of its first report, which it compiled for; then stops it.
 * @throws CredenceError E_RUN if it is stopped by someone else, or why it fails
 */
export async function takeTurn(run: Run, steps: number, meter: Meter): Promise<Turn> {
  const mark = (): Mark => ({
    step: run.step,
    at: performance.now() / 1000,
    energy: meter.read(),
    times: { ...run.times },
  });
  let first: Mark | undefined;
  /** Steps in the first report, once it has come: they are not counted. */
  let compiled = 0;
  const reached = new Promise<Mark>((resolve, reject) => {
    const forget = run.onChange(() => {
      if (first && run.step >= first.step + steps) resolve(mark());
      else if (!run.active || run.state === 'stopping') {
        reject(run.error ?? new CredenceError('E_RUN', 'scaling: it was stopped before it was done'));
      } else {
        if (compiled > 0 && run.step > compiled) first ??= mark();
        compiled ||= run.step;
        return;
      }
      forget();
    });
  });
  let last: Mark;
  try {
    last = await reached;
  } finally {
    run.stop();
    await run.done.catch(() => undefined); // a failure was told already
  }
  return between(first!, last);
}

function between(first: Mark, last: Mark): Turn {
  const steps = last.step - first.step;
  const each = (activity: keyof StepTimes): number => (last.times[activity] - first.times[activity]) / steps;
  return {
    seconds: (last.at - first.at) / steps,
    times: { compute: each('compute'), exchange: each('exchange'), wait: each('wait') },
    energy: (last.energy - first.energy) / steps,
  };
}
