import { availableParallelism } from 'node:os';
import * as v from 'valibot';
import { type Dataset, dataset, type Values } from './data/dataset';
import type { Kind, Likelihood } from './distributions/likelihood';
import { devices as listDevices } from './engine/tensorflow';
import { CredenceError } from './errors';
import { currentHost, type Live } from './host';
import type { Method } from './inference/method';
import { Posterior } from './inference/posterior';
import { vi } from './inference/vi';
import type { Layer } from './layers/layer';
import type { NdArray } from './ndarray';
import { adam } from './optimizers/adam';
import type { Optimizer } from './optimizers/transform';
import { Decision } from './parallel/control';
import { startTraining, type Training } from './parallel/train';
import { register } from './runs/registry';
import { type Controls, Run } from './runs/run';
import { listenForControls } from './show/controls';
import { makeLive, type Watched } from './show/live';
import { count, validate } from './validate';

/** Inputs and targets: arrays with a shape, typed arrays, nested lists of numbers, or tensors. */
export interface Data {
  /** [N, ...]: one row for each datum; a flat list is one feature. */
  x: Values;
  /** [N] labels, or [N] or [N, D] real numbers. */
  y: Values;
}

export interface FitOptions<K extends Kind> {
  /** How the model's outputs make a distribution over targets: `likelihoods.categorical()`, `likelihoods.gaussian()`. */
  likelihood: Likelihood<K>;
  /** How the posterior is learned. Default `vi()`: mean-field variational inference. */
  method?: Method;
  /** Default `adam(1e-3)`. */
  optimizer?: Optimizer;
  /** Passes over the data. Default 10. */
  epochs?: number;
  /** Data in each step; at most all. Default 128. */
  batchSize?: number;
  /** Fixes every random number: the same seed gives the same posterior on any number of workers. Default 0. */
  seed?: number;
  /** 'all' GPUs (or cores, where there is no GPU), or how many workers. Default 'all'. */
  devices?: 'all' | number;
  /** How the work is shared out. 'sample' (default): each worker draws its share of the weight samples. */
  strategy?: 'sample';
  /** Held-out data for the live view. */
  validation?: Data;
}

const hasMethod = <T>(method: keyof T, message: string): v.GenericSchema<unknown, T> =>
  v.custom<T>((value) => typeof (value as Partial<T> | null)?.[method] === 'function', message);

const data = v.strictObject({ x: v.any(), y: v.any() });

const workersRule = "must be 'all' or a number of workers of at least 1";

const options = v.strictObject({
  likelihood: hasMethod<Likelihood>('nll', 'must be a likelihood, such as likelihoods.categorical()'),
  method: v.optional(hasMethod<Method>('build', 'must be a method, such as vi()'), () => vi()),
  optimizer: v.optional(hasMethod<Optimizer>('update', 'must be an optimiser, such as adam(1e-3)'), () =>
    adam(),
  ),
  epochs: v.optional(count(1), 10),
  batchSize: v.optional(count(1), 128),
  seed: v.optional(count(0), 0),
  devices: v.optional(
    v.union(
      [v.literal('all'), v.pipe(v.number(), v.integer(workersRule), v.minValue(1, workersRule))],
      workersRule,
    ),
    'all',
  ),
  strategy: v.optional(v.picklist(['sample']), 'sample'),
  validation: v.optional(v.looseObject(data.entries)),
});

/** How many workers, on which GPUs. */
function chooseWorkers(
  wanted: 'all' | number,
  samples: number,
): { workers: number; gpus: number[] | undefined } {
  const gpus = listDevices().filter(({ type }) => type === 'GPU').length;
  const available = gpus || availableParallelism();
  if (wanted === 'all') {
    const workers = Math.min(available, samples);
    return { workers, gpus: gpus > 0 ? Array.from({ length: workers }, (_, i) => i) : undefined };
  }
  if (wanted > samples) {
    throw new CredenceError(
      'E_OPTION',
      `fit: ${wanted} workers cannot share ${samples} sample${samples === 1 ? '' : 's'}: use at most ${samples} devices, or draw more samples, as in vi({ samples: ${wanted} })`,
    );
  }
  return { workers: wanted, gpus: gpus > 0 ? Array.from({ length: wanted }, (_, i) => i % gpus) : undefined };
}

/**
 * Starts to learn the posterior of a model's weights and returns at once. In a notebook the returned run shows itself live;
 * `await run.done` gives the posterior.
 * @throws CredenceError E_OPTION, E_SHAPE, E_DATA before anything is started
 */
export function fit<K extends Kind>(model: Layer, train: Data, given: FitOptions<K>): Run<K> & Live {
  if (typeof (model as Partial<Layer> | undefined)?.build !== 'function') {
    throw new CredenceError('E_OPTION', 'fit: the first argument must be a model, such as sequential([...])');
  }
  validate(v.looseObject(data.entries), train, 'fit: data');
  const settings = validate(options, given, 'fit');
  const likelihood = settings.likelihood as Likelihood<K>;
  const { x, y } = dataset(train.x, train.y);
  const inputShape = x.shape.slice(1);
  const { outputShape } = model.build(inputShape);
  const targets = likelihood.targets(y, outputShape);
  const watched = watch({ x, y }, settings.validation as Data | undefined);
  likelihood.targets(watched.data.y, model.build(watched.data.x.shape.slice(1)).outputShape);

  const size = x.shape[0]!;
  const { optimizer, method, epochs, seed } = settings;
  const program = method.build({
    model,
    likelihood,
    optimizer,
    inputShape,
    targetShape: targets.shape,
    size,
  });
  const { workers, gpus } = chooseWorkers(settings.devices, program.samples);
  const batch = Math.min(settings.batchSize, size);
  const stepsPerEpoch = size / batch;
  const steps = Math.max(1, Math.round(epochs * stepsPerEpoch));

  const posteriorOf = (variables: Map<string, NdArray>): Posterior<K> =>
    new Posterior(program, likelihood, inputShape, variables);
  const waiting: ((posterior: Posterior<K>) => void)[] = [];
  const deliver = (posterior: Posterior<K>): void =>
    waiting.splice(0).forEach((resolve) => resolve(posterior));

  let training: Training | undefined;
  const controls: Controls<K> = {
    pause: () => training?.control.ask(Decision.pause),
    resume: () => training?.control.ask(Decision.go),
    stop: () => training?.control.ask(Decision.stop),
    snapshot: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        training?.control.askSnapshot();
      }),
  };
  const run = new Run<K>({ steps, stepsPerEpoch, epochs, workers, samples: program.samples }, controls);
  register(run);
  listenForControls();
  const deaf = currentHost()?.onInterrupt(() => run.stop());

  training = startTraining(
    program,
    { x, y: targets.values, yShape: [size, ...targets.shape] },
    { workers, gpus, steps, batch, seed },
    {
      metrics: (nll, kl) => run.record(nll, kl),
      snapshot: (variables) => deliver(posteriorOf(variables)),
    },
  );
  const { outcome, variables } = training;
  void outcome
    .then(
      (result) => {
        const posterior = posteriorOf(variables());
        deliver(posterior);
        if (result.end === 'diverged') run.fail(divergence(result), posterior);
        else run.finish(result.end === 'done' ? 'done' : 'stopped', posterior);
      },
      (error: CredenceError) => run.fail(error, posteriorOf(variables())),
    )
    .finally(() => deaf?.());
  return makeLive(run, likelihood.kind, watched);
}

/** The data that the live view shows predictions for. */
const watch = (train: Dataset, validation: Data | undefined): Watched =>
  validation
    ? { data: dataset(validation.x, validation.y), name: 'validation data' }
    : { data: train, name: 'training data' };

function divergence({ step, nll, kl }: { step: number; nll: number; kl: number }): CredenceError {
  return new CredenceError(
    'E_DIVERGED',
    `training diverged: at step ${step + 1} the loss is not a number (nll ${nll}, kl ${kl}). The weights before it are kept in run.posterior. Try a smaller learning rate`,
  );
}
