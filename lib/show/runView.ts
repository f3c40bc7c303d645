import { lossFigure } from '../figures/loss';
import { type Figure, type Progress, type View, WIRE_VERSION } from '../figures/wire/messages';
import { workersFigure } from '../figures/workers';
import { recentMean } from '../runs/losses';
import type { Run } from '../runs/run';
import type { Details } from './details';
import type { Evaluation } from './evaluate';

/** What was seen of a run when it was looked at last. */
export interface Look {
  /** What its posterior says about data, or why that cannot be said. */
  evaluation?: Evaluation;
  trouble?: string;
  details?: Details;
}

/** How far a run is. */
export function progressOf(run: Run, { evaluation, trouble, details }: Look = {}): Progress {
  const { plan, step, state, stepsPerSecond, history, error } = run;
  const losses = step > 0 ? { nll: recentMean(history.nll), kl: recentMean(history.kl) } : undefined;
  const rate = details?.learningRate;
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
    metrics: {
      ...(losses && { loss: losses.nll + losses.kl, ...losses }),
      ...evaluation?.metrics,
      ...(rate !== undefined && { 'learning rate': rate }),
    },
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

/** A run as it is now: its progress, its losses, what its posterior says about data, and behind that what goes on inside. */
export const viewOf = (run: Run, look: Look): View => ({
  version: WIRE_VERSION,
  kind: 'run',
  progress: progressOf(run, look),
  figures: [
    ...lossOf(run),
    ...(look.evaluation?.figures ?? []),
    ...[...(look.details?.figures ?? []), ...workersOf(run)].map((figure) => ({ ...figure, detail: true })),
  ],
});
