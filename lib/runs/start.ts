import type { Kind } from '../distributions/likelihood';
import { CredenceError } from '../errors';
import { currentHost } from '../host';
import type { Program } from '../inference/method';
import type { Posterior } from '../inference/posterior';
import { Decision } from '../parallel/control';
import type { Outcome } from '../parallel/protocol';
import { startTraining } from '../parallel/train';
import type { TrainingData, TrainingOptions } from '../parallel/training';
import { register } from './registry';
import { Run, type RunPlan } from './run';

/** What is trained, and how. */
export interface RunSpec<K extends Kind> {
  program: Program;
  data: TrainingData;
  options: TrainingOptions;
  plan: RunPlan;
  /** Makes a posterior of copied vectors. */
  posterior(vectors: readonly Float32Array[]): Posterior<K>;
}

/** Starts training and returns the run that steers it. An interrupt of the notebook stops the run. */
export function startRun<K extends Kind>({ program, data, options, plan, posterior }: RunSpec<K>): Run<K> {
  const waiting: ((posterior: Posterior<K>) => void)[] = [];
  const deliver = (copy: Posterior<K>): void => waiting.splice(0).forEach((resolve) => resolve(copy));

  const { control, outcome, vectors } = startTraining(program, data, options, {
    metrics: (nll, kl) => run.record(nll, kl),
    snapshot: (vectors) => deliver(posterior(vectors)),
  });
  const run = new Run<K>(plan, {
    pause: () => control.ask(Decision.pause),
    resume: () => control.ask(Decision.go),
    stop: () => control.ask(Decision.stop),
    snapshot: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        control.askSnapshot();
      }),
  });
  register(run);
  const unsubscribe = currentHost()?.onInterrupt(() => run.stop());

  const end = (error: CredenceError | undefined, stopped: boolean): void => {
    unsubscribe?.();
    const last = posterior(vectors());
    deliver(last);
    if (error) run.fail(error, last);
    else run.finish(stopped ? 'stopped' : 'done', last);
  };
  void outcome.then(
    (result) => end(divergence(result), result.end === 'stopped'),
    (error: CredenceError) => end(error, false),
  );
  return run;
}

/** Why a run that diverged failed. */
function divergence(outcome: Outcome): CredenceError | undefined {
  if (outcome.end !== 'diverged') return undefined;
  const { step, nll, kl } = outcome;
  return new CredenceError(
    'E_DIVERGED',
    `training diverged: at step ${step + 1} the loss is not a number (nll ${nll}, kl ${kl}). The weights before it are kept in run.posterior. Try a smaller learning rate`,
  );
}
