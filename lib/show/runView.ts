import { lossFigure } from '../figures/loss';
import { type Figure, type Progress, type View, WIRE_VERSION } from '../figures/wire';
import { workersFigure } from '../figures/workers';
import type { Run } from '../runs/run';
import type { Evaluation } from './evaluate';

/** The mean of the last values: a batch's loss is noisy. */
function recent(values: readonly number[]): number {
  const last = values.slice(-20);
  return last.reduce((sum, value) => sum + value, 0) / last.length;
}

/** How far a run is. @param extra metrics beside the losses @param trouble what to tell, if nothing else is to be told */
export function progressOf(run: Run, extra: Record<string, number> = {}, trouble?: string): Progress {
  const { plan, step, state, stepsPerSecond, history, error } = run;
  const losses = step > 0 ? { nll: recent(history.nll), kl: recent(history.kl) } : undefined;
  const waiting = state === 'starting' ? 'compiling the training step' : null;
  return {
    id: run.id,
    state,
    step,
    steps: plan.steps,
    epoch: step === plan.steps ? plan.epochs : Math.floor(step / plan.stepsPerEpoch),
    epochs: plan.epochs,
    elapsed: run.elapsed,
    eta: run.active && stepsPerSecond !== null ? (plan.steps - step) / stepsPerSecond : null,
    stepsPerSecond,
    workers: run.workers,
    samples: plan.samples,
    message: error?.message ?? trouble ?? run.notice ?? waiting,
    metrics: { ...(losses && { loss: losses.nll + losses.kl, ...losses }), ...extra },
  };
}

function lossOf({ history }: Run): Figure[] {
  if (history.nll.length < 2) return [];
  const loss = history.nll.map((nll, i) => nll + history.kl[i]!);
  return [lossFigure({ steps: loss.map((_, i) => i + 1), loss, ...history })];
}

/** Where several workers train: what each does with its time. On a cluster that is told of each process. */
function workersOf({ workerTimes, workers, step }: Run): Figure[] {
  if (workerTimes.length < 2 || step < 2) return [];
  const who = workerTimes.length < workers ? 'rank' : 'worker';
  return [workersFigure(workerTimes.map((times, i) => ({ name: `${who} ${i}`, ...times })))];
}

/** A run as it is now: its progress, its losses, and what its posterior says about data. @param trouble why there is no evaluation */
export const viewOf = (run: Run, evaluation: Evaluation | undefined, trouble: string | undefined): View => ({
  version: WIRE_VERSION,
  kind: 'run',
  progress: progressOf(run, evaluation?.metrics ?? {}, trouble),
  figures: [...lossOf(run), ...(evaluation?.figures ?? []), ...workersOf(run)],
});
