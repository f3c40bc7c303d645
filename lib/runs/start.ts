import type { Kind } from '../distributions/likelihood';
import { CredenceError } from '../errors';
import { currentHost } from '../host';
import type { Program } from '../inference/method';
import type { Posterior } from '../inference/posterior';
import { startOnFastest } from '../parallel/auto';
import { Decision } from '../parallel/control';
import { sizeOf } from '../ndarray';
import { describeMesh, type Mesh } from '../parallel/mesh';
import { startTraining } from '../parallel/train';
import type { Ending, Training, TrainingData, TrainingOptions, TrainingState } from '../parallel/training';
import { register } from './registry';
import { Run, type RunPlan } from './run';

/** What is trained, and how. */
export interface RunSpec<K extends Kind> {
  program: Program;
  data: TrainingData;
  options: Omit<TrainingOptions, 'mesh'>;
  /** The mesh, or those to choose from by measurement. */
  meshes: readonly Mesh[];
  plan: Omit<RunPlan, 'mesh'>;
  /** Makes a posterior of copied vectors. */
  posterior(vectors: readonly Float32Array[]): Posterior<K>;
}

/** Starts training and returns the run that steers it. An interrupt of the notebook stops the run. */
export function startRun<K extends Kind>(spec: RunSpec<K>): Run<K> {
  const { program, data, options, meshes, posterior } = spec;
  const waiting: ((posterior: Posterior<K>) => void)[] = [];
  const deliver = ({ vectors }: TrainingState): void => {
    if (waiting.length === 0) return;
    const copy = posterior(vectors);
    waiting.splice(0).forEach((resolve) => resolve(copy));
  };
  const observer = {
    metrics: (step: number, nll: number[], kl: number[]): void => run.record(step, nll, kl),
    saved: deliver,
    recovered: (cause: Error, step: number): void => {
      run.recoveries++;
      run.tell(`a worker died (${cause.message}) and was replaced: training went on from step ${step}`);
    },
    trying: (mesh: Mesh, number: number, of: number): void =>
      queueMicrotask(() =>
        run.tell(`measuring ways to share out the work (${number} of ${of}: ${describeMesh(mesh)})`),
      ),
    chosen: (mesh: Mesh, measured: Run['measured']): void => run.choose(mesh, measured),
  };
  const [mesh] = meshes;
  const training: Training =
    meshes.length === 1
      ? startTraining(program, data, { ...options, mesh: mesh! }, observer)
      : startOnFastest(program, data, options, meshes, observer);
  const run = new Run<K>(
    { ...spec.plan, mesh: meshes.length === 1 ? mesh : undefined },
    {
      pause: () => training.ask(Decision.pause),
      resume: () => training.ask(Decision.go),
      stop: () => training.ask(Decision.stop),
      snapshot: () =>
        new Promise((resolve) => {
          waiting.push(resolve);
          training.askSave();
        }),
      times: () => training.times(),
    },
  );
  register(run);
  const unsubscribe = currentHost()?.onInterrupt(() => run.stop());

  const end = (error: CredenceError | undefined, stopped: boolean): void => {
    unsubscribe?.();
    const last = training.state();
    deliver(last);
    if (error) run.fail(error, posterior(last.vectors));
    else run.finish(stopped ? 'stopped' : 'done', posterior(last.vectors));
  };
  void training.ending.then(
    (ending) => end(divergence(ending, program), ending.end === 'stopped'),
    (error: CredenceError) => end(error, false),
  );
  return run;
}

/** Why a run that diverged failed. */
function divergence(ending: Ending, { variables }: Program): CredenceError | undefined {
  if (ending.end !== 'diverged') return undefined;
  const { step, nll, kl, bad } = ending;
  const culprit = variables.find(
    ({ vector, offset, shape }) =>
      bad?.vector === vector && bad.element >= offset && bad.element < offset + sizeOf(shape),
  );
  const what = bad?.of === 'gradient' ? `the gradient of ${culprit?.name}` : culprit?.name;
  const where = culprit ? `: ${what} is not finite` : '';
  return new CredenceError(
    'E_DIVERGED',
    `training diverged: at step ${step + 1} the loss is not a number (nll ${nll}, kl ${kl})${where}. The weights before it are kept in run.posterior. Try a smaller learning rate`,
  );
}
