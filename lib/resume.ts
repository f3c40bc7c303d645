import type { Kind } from './distributions/likelihood';
import { CredenceError } from './errors';
import { type Data, type FitOptions, type Recipe, recipeOf, start } from './fit';
import type { Live } from './host';
import type { Program } from './inference/method';
import type { Layer } from './layers/layer';
import { assertSameRun, readConfig, type RunSettings } from './runs/config';
import { type Metrics, metricsFile, readMetrics } from './runs/metricsLog';
import { activeRuns, findRun } from './runs/registry';
import { loadState } from './runs/resume';
import type { Run } from './runs/run';
import { findId, runFolder } from './runs/runFolder';

/** What a run was started with: as this process remembers it, and as it is given now. */
function recipeFor<K extends Kind>(
  id: string,
  model: Layer | undefined,
  train: Data | undefined,
  options: Partial<FitOptions<K>>,
): Recipe<K> {
  const run = findRun(id);
  const known = run && (recipeOf(run) as Recipe<K> | undefined);
  const recipe = {
    model: model ?? known?.model,
    train: train ?? known?.train,
    options: { ...known?.options, ...options },
  };
  // where it was trained on a pool that is gone, it goes on here, unless another one is given
  if (options.pool === undefined && recipe.options.pool?.error) delete recipe.options.pool;
  if (recipe.model && recipe.train && recipe.options.likelihood) return recipe as Recipe<K>;
  throw new CredenceError(
    'E_RUN',
    `run ${id} was not started in this process: give its model, data and options again, as in resume('${id}', model, data, options)`,
  );
}

/** The losses of all steps so far; NaN where the disk has lost one. */
function lossesUntil(step: number, metrics: Metrics): { nll: number[]; kl: number[] } {
  const [nll, kl] = [0, 1].map(() => new Array<number>(step).fill(NaN)) as [number[], number[]];
  metrics.step.forEach((number, i) => {
    if (number > step) return;
    nll[number - 1] = metrics.nll[i]!;
    kl[number - 1] = metrics.kl[i]!;
  });
  return { nll, kl };
}

/**
 * Goes on with a run that was stopped, has failed, or whose process is gone, from its last checkpoint. The model, the data and the options
 * are those of `fit`; a run of this process knows them. With as many epochs it ends where an undisturbed run ends; on one worker, with
 * the same bits. It may be given more epochs, and other workers.
 * @param id or as much of its beginning as tells it from the others; see `runs.list()`
 * @throws CredenceError E_RUN if there is no such run, it is running, or it was started with something else; E_FILE if it is damaged
 */
export function resume<K extends Kind = Kind>(
  id: string,
  model?: Layer,
  train?: Data,
  options: Partial<FitOptions<K>> = {},
): Run<K> & Live {
  const running = activeRuns().find((run) => run.id.startsWith(id));
  if (running) {
    throw new CredenceError(
      'E_RUN',
      `run ${running.id} is still ${running.state}: stop it first, or let it go on with run.resume()`,
    );
  }
  const whole = findId(id);
  const folder = runFolder(whole);
  const config = readConfig(folder);
  const recipe = recipeFor(whole, model, train, options);
  const from = (program: Program, settings: RunSettings) => {
    assertSameRun(config, settings);
    if (program.keeping && settings.steps !== config.steps) {
      throw new CredenceError(
        'E_RUN',
        `run ${whole} cannot be resumed like this: ${config.method} keeps weights at times that its ${config.steps} steps fix. Resume it with epochs: ${config.epochs}, or start a new run`,
      );
    }
    const resumable = loadState(whole, program);
    const { step } = resumable.state;
    if (step >= settings.steps) {
      throw new CredenceError(
        'E_RUN',
        `run ${whole} has made all of its ${step} steps: give it more epochs than ${settings.epochs} to go on`,
      );
    }
    return { ...resumable, ...lossesUntil(step, readMetrics(metricsFile(folder))) };
  };
  return start(recipe, 'resume', from);
}
