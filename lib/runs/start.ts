import { setTimeout as delay } from 'node:timers/promises';
import type { Kind } from '../distributions/likelihood';
import { CredenceError } from '../errors';
import { currentHost } from '../host';
import { type Learned, learnedBy, type Program } from '../inference/method';
import type { Posterior } from '../inference/posterior/posterior';
import { sizeOf } from '../ndarray';
import { startOnFastest } from '../parallel/auto';
import { Decision } from '../parallel/memory/control';
import { describeMesh, type Mesh } from '../parallel/plan/mesh';
import type { TrainingState } from '../parallel/plan/state';
import { startTraining } from '../parallel/train';
import type { Ending, StartTraining, Training, TrainingData, TrainingOptions } from '../parallel/training';
import { atExit } from './atExit';
import { newConfig, type RunSettings } from './config';
import { runningGradients } from './gradients';
import { Recorder } from './recorder';
import { register } from './registry';
import type { Resumable } from './resume';
import { Run, type RunPlan } from './run';
import { newRunId } from './runFolder';

/** What is trained, and how. */
export interface RunSpec<K extends Kind> {
  program: Program;
  data: TrainingData;
  options: Omit<TrainingOptions, 'mesh' | 'from'>;
  /** The mesh, or those to choose from by measurement. */
  meshes: readonly Mesh[];
  plan: Omit<RunPlan, 'mesh' | 'learningRate'>;
  /** What makes the run the one it is. */
  settings: Omit<RunSettings, 'mesh'>;
  /** Whether it is kept on disk. */
  save: boolean;
  /** The run that goes on, if it is not a new one. */
  from?: (Resumable & { nll: readonly number[]; kl: readonly number[] }) | undefined;
  /** Trains it. Default: here. */
  train?: StartTraining | undefined;
  /** Makes a posterior of what was learned. */
  posterior(learned: Learned): Posterior<K>;
}

/** While it trains, a run is written to disk so often: what a power failure costs. */
const CHECKPOINT_MS = 10_000;
/** At the end, the disk gets so much time before the run ends without it. */
const DISK_MS = 30_000;

/** Starts training and returns the run that steers it. An interrupt of the notebook stops the run. */
export function startRun<K extends Kind>(spec: RunSpec<K>): Run<K> {
  const { program, data, meshes, posterior, from, train = startTraining } = spec;
  const options = { ...spec.options, from: from?.state };
  const id = from?.config.id ?? newRunId();
  const known = meshes.length === 1 ? meshes[0]! : undefined;
  const waiting: ((posterior: Posterior<K>) => void)[] = [];
  const deliver = (state: TrainingState): void => {
    if (waiting.length === 0) return;
    run.gradients = runningGradients(program, state);
    const now = posterior(learnedBy(program, state));
    waiting.splice(0).forEach((resolve) => resolve(now));
  };
  let written = -Infinity;
  const saved = (read: () => TrainingState): void => {
    const isDue = recorder && performance.now() - written > CHECKPOINT_MS;
    if (waiting.length === 0 && !isDue) return;
    const state = read();
    deliver(state);
    // a copy that is newer than this message: its own one, and the losses until it, are still on their way
    if (!isDue || state.step > run.step) return;
    written = performance.now();
    recorder.checkpoint(state);
  };
  const observer = {
    metrics: (step: number, nll: number[], kl: number[]): void => {
      recorder?.metrics(step + 1, nll, kl);
      run.record(step, nll, kl);
    },
    saved,
    recovered: (cause: Error, step: number): void => {
      run.recoveries++;
      run.tell(`a worker died (${cause.message}) and was replaced: training went on from step ${step}`);
    },
    trying: (mesh: Mesh, number: number, of: number): void =>
      run.tell(`measuring ways to share out the work (${number} of ${of}: ${describeMesh(mesh)})`),
    chosen: (mesh: Mesh, measured: Run['measured']): void => {
      run.choose(mesh, measured);
      recorder?.share(mesh);
    },
  };
  const training: Training = known
    ? train(program, data, { ...options, mesh: known }, observer)
    : startOnFastest(program, data, options, meshes, observer, train);
  const run = new Run<K>(
    { ...spec.plan, mesh: known, learningRate: program.optimizer?.learningRate },
    {
      pause: () => {
        training.ask(Decision.pause);
        recorder?.change('paused');
      },
      resume: (finishing) => {
        training.ask(finishing ? Decision.finish : Decision.go);
        recorder?.change('running');
      },
      finish: () => training.ask(Decision.finish),
      stop: () => training.ask(Decision.stop),
      snapshot: () =>
        new Promise((resolve) => {
          waiting.push(resolve);
          training.askSave();
        }),
      times: () => training.times(),
    },
    id,
  );
  if (from) run.remember(0, from.nll, from.kl);
  const settings = { ...spec.settings, mesh: known ?? null };
  const recorder = spec.save
    ? new Recorder({
        config: from ? { ...from.config, ...settings } : newConfig(id, settings),
        layout: program,
        ...(from && { from: { step: from.state.step, seconds: from.seconds } }),
        onTrouble: (message) => run.tell(`the run is not kept on disk at present: ${message}`),
      })
    : undefined;
  register(run);
  const stay = atExit(() => recorder?.leave(training.state()));
  const unsubscribe = currentHost()?.onInterrupt(() => run.stop());

  const end = async (error: CredenceError | undefined, stopped: boolean): Promise<void> => {
    unsubscribe?.();
    const last = training.state();
    const state = error ? 'failed' : stopped ? 'stopped' : 'done';
    if (recorder) {
      recorder.checkpoint(last);
      recorder.end(state, error?.message);
      await Promise.race([recorder.close(), delay(DISK_MS, undefined, { ref: false })]);
    }
    stay(); // only now: a kernel that is restarted interrupts the run and exits before the disk is done
    deliver(last);
    run.gradients = runningGradients(program, last);
    if (error) return run.fail(error, posterior(learnedBy(program, last)));
    const learned = await conclusion(program, last, data);
    if (learned instanceof CredenceError) return run.fail(learned, posterior(learnedBy(program, last)));
    if (learned.diagnostics?.warning) run.tell(learned.diagnostics.warning);
    run.complete(stopped ? 'stopped' : 'done', posterior(learned));
  };
  void training.ending.then(
    (ending) => end(divergence(ending, program), ending.end === 'stopped'),
    (error: CredenceError) => end(error, false),
  );
  return run;
}

/** What is learned in the end, or why that cannot be said. */
async function conclusion(
  program: Program,
  last: TrainingState,
  data: TrainingData,
): Promise<Learned | CredenceError> {
  try {
    return await (program.conclude?.(last, data) ?? learnedBy(program, last));
  } catch (cause) {
    if (cause instanceof CredenceError) return cause;
    const message = `what was learned could not be concluded: ${String(cause)}`;
    return new CredenceError('E_ENGINE', message, { cause });
  }
}

/** Why a run that diverged failed. */
function divergence(ending: Ending, { variables, hamiltonian }: Program): CredenceError | undefined {
  if (ending.end !== 'diverged') return undefined;
  const { step, nll, kl, bad } = ending;
  const culprit = variables.find(
    ({ vector, offset, shape }) =>
      bad?.vector === vector && bad.element >= offset && bad.element < offset + sizeOf(shape),
  );
  const what = bad?.of === 'gradient' ? `the gradient of ${culprit?.name}` : culprit?.name;
  const where = culprit ? `: ${what} is not finite` : '';
  const advice = hamiltonian
    ? 'A chain starts where its density is no number: scale the data, or take another seed'
    : 'Try a smaller learning rate';
  return new CredenceError(
    'E_DIVERGED',
    `training diverged: at step ${step + 1} the loss is not a number (nll ${nll}, kl ${kl})${where}. The weights before it are kept in run.posterior. ${advice}`,
  );
}
