import * as v from 'valibot';
import { type Augmentation, augmenter } from './augmentations';
import { type Dataset, dataset, type Values } from './data/dataset';
import type { Kind, Likelihood } from './distributions/likelihood';
import { defaultPool } from './cluster/default';
import { Pool } from './cluster/pool';
import { CredenceError } from './errors';
import type { Live } from './host';
import type { Method, Program } from './inference/method';
import { Posterior } from './inference/posterior/posterior';
import { vi } from './inference/vi';
import type { Layer } from './layers/layer';
import type { Shape } from './ndarray';
import { adam } from './optimizers/adam';
import type { Optimizer } from './optimizers/transform';
import { meshesFor, type Strategy } from './parallel/chooseMesh';
import { stepShapes } from './parallel/plan/stepShapes';
import type { RunSettings } from './runs/config';
import type { Run } from './runs/run';
import { type RunSpec, startRun } from './runs/start';
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

/** Options of `fit`. */
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
  /**
   * 'all' GPUs (or cores, where there is no GPU), or how many workers. Default 'all'; a model so small that sharing it out would take
   * longer than it saves gets one.
   */
  devices?: 'all' | number;
  /**
   * How the work is shared out. 'sample' (default): each worker draws its share of the weight samples. 'data': each sees its share of the
   * batch. { sample: P, data: Q }: both, on P times Q workers. 'auto': measures each for about a second, and takes the fastest. The
   * posterior is the same to rounding.
   */
  strategy?: Strategy;
  /** Weight samples that a worker computes at a time. Fewer take less memory, and more time. Default: all of its share. */
  samplesPerCall?: number;
  /**
   * How gradients travel between workers: as they are (default), or rounded to 16 bits, which halves the traffic. { rank: r }: between
   * processes, those of matrices as factors of rank r, a fraction of the traffic at the price of noisier steps; within a process as they are.
   */
  exchange?: 'float32' | 'bfloat16' | { rank: number };
  /**
   * Random changes of the training inputs, made anew inside every step, in this order:
   * `[augmentations.randomCrop({ padding: 4 }), augmentations.randomFlip()]`. Predictions see inputs as they are.
   */
  augment?: readonly Augmentation[];
  /**
   * Who sees the same augmented inputs. 'independent' (default): each worker's samples see their own, which makes a batch more diverse
   * (the paper's advantage of sample parallelism). 'shared': all samples see the same. A number: so many groups of samples, whatever the
   * workers; then the posterior does not depend on their number.
   */
  augmentation?: 'independent' | 'shared' | number;
  /** Processes that train instead of this one: `await pool({ launcher: 'srun', nodes: 4 })`. Default: those that `mpirun` has started. */
  pool?: Pool;
  /** Whether the run is kept on disk, where `runs` finds it and `resume` goes on with it. Default true. */
  save?: boolean;
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
  strategy: v.optional(
    v.union(
      [v.picklist(['sample', 'data', 'auto']), v.strictObject({ sample: count(1), data: count(1) })],
      "must be 'sample', 'data', 'auto' or a mesh { sample: P, data: Q }",
    ),
    'sample',
  ),
  samplesPerCall: v.optional(count(1)),
  augment: v.optional(
    v.custom<readonly Augmentation[]>(Array.isArray, 'must be a list of augmentations'),
    [],
  ),
  augmentation: v.optional(
    v.union(
      [v.picklist(['independent', 'shared']), count(1)],
      "must be 'independent', 'shared' or a number of groups of samples",
    ),
    'independent',
  ),
  exchange: v.optional(
    v.union(
      [v.picklist(['float32', 'bfloat16']), v.strictObject({ rank: count(1) })],
      "must be 'float32', 'bfloat16' or { rank: r }, with a whole number r of at least 1",
    ),
    'float32',
  ),
  pool: v.optional(v.instance(Pool, 'must be a pool, as await pool(...) gives it')),
  save: v.optional(v.boolean('must be true or false'), true),
  validation: v.optional(v.looseObject(data.entries)),
});

/** What `fit` was called with. */
export interface Recipe<K extends Kind> {
  model: Layer;
  train: Data;
  options: FitOptions<K>;
}

/** What a run of this process was started with: it may go on without being told again. */
const recipes = new WeakMap<Run, Recipe<Kind>>();
export const recipeOf = (run: Run): Recipe<Kind> | undefined => recipes.get(run);

/**
 * Starts to learn the posterior of a model's weights and returns at once. In a notebook the returned run shows itself live;
 * `await run.done` gives the posterior.
 * @throws CredenceError E_OPTION, E_SHAPE, E_DATA before anything is started
 */
export const fit = <K extends Kind>(model: Layer, train: Data, options: FitOptions<K>): Run<K> & Live =>
  start({ model, train, options }, 'fit');

/**
 * Checks what `fit` was called with and makes of it what is to be trained. @param what the call, as the person wrote it
 * @throws CredenceError E_OPTION, E_SHAPE, E_DATA
 */
export function prepare<K extends Kind>(recipe: Recipe<K>, what: string) {
  const { model, train } = recipe;
  if (typeof (model as Partial<Layer> | undefined)?.build !== 'function') {
    throw new CredenceError('E_OPTION', `${what}: the model must be a layer, such as sequential([...])`);
  }
  validate(v.looseObject(data.entries), train, `${what}: data`);
  const settings = validate(options, recipe.options, what);
  assertApplies(settings.method, recipe.options, what);
  const likelihood = settings.likelihood as Likelihood<K>;
  const { x, y } = dataset(train.x, train.y);
  const inputShape = x.shape.slice(1);
  const { outputShape } = model.build(inputShape);
  const targets = likelihood.targets(y, outputShape);
  const watched = watch({ x, y }, settings.validation);
  assertSameInputs(watched.data.x.shape.slice(1), inputShape);
  likelihood.targets(watched.data.y, outputShape);

  const size = x.shape[0]!;
  const { optimizer, method, seed } = settings;
  const { iterations } = method;
  const epochs = iterations ?? settings.epochs;
  const batch = iterations === undefined ? Math.min(settings.batchSize, size) : size;
  const stepsPerEpoch = size / batch;
  const steps = Math.max(1, Math.round(epochs * stepsPerEpoch));
  const program = method.build({
    model,
    likelihood,
    optimizer,
    inputShape,
    targetShape: targets.shape,
    size,
    steps,
    stepsPerEpoch,
    seed,
  });
  for (const each of [x, watched.data.x]) program.checkInputs?.(each);
  if (program.variables.length === 0) {
    throw new CredenceError('E_OPTION', 'fit: the model has no parameters: there is nothing to learn');
  }
  const training = { x, y: targets.values, yShape: [size, ...targets.shape] };
  const { augment, augmentation } = settings;
  if (typeof augmentation === 'number' && augmentation > program.samples) {
    throw new CredenceError(
      'E_OPTION',
      `fit: option 'augmentation' asks for ${augmentation} groups of samples, but there are ${program.samples} samples: make it at most ${program.samples}`,
    );
  }
  const cluster = settings.pool ?? defaultPool();
  const meshes = meshesFor(settings, program, stepShapes(training, batch), cluster?.machine);

  const plan = { steps, stepsPerEpoch, epochs, samples: program.samples };
  const identity = {
    model: program.variables.map(({ name, shape }) => ({ name, shape: [...shape] })),
    method: method.name,
    likelihood: { name: likelihood.name, kind: likelihood.kind },
    optimizer: method.refuses?.includes('optimizer') ? 'none' : optimizer.name,
    augmentation:
      augment.length > 0 ? `${augment.map(({ name }) => name).join(', ')}, ${augmentation}` : 'none',
    seed,
    batchSize: batch,
    samples: program.samples,
    data: { size, inputShape: [...inputShape], targetShape: [...targets.shape] },
    epochs,
    steps,
  };
  const spec: RunSpec<K> = {
    program,
    data: training,
    options: {
      steps,
      batch,
      seed,
      samplesPerCall: settings.samplesPerCall,
      exchange: settings.exchange,
      augmenter: augment.length > 0 ? augmenter(augment, inputShape) : undefined,
      augmentationGroups:
        augmentation === 'independent' ? undefined : augmentation === 'shared' ? 1 : augmentation,
    },
    meshes,
    train: cluster && ((...what) => cluster.train(...what)),
    plan,
    settings: identity,
    save: settings.save,
    posterior: (learned) =>
      new Posterior(program, likelihood, { input: inputShape, output: outputShape }, learned),
  };
  return { spec, watched, kind: likelihood.kind };
}

/** Starts a run, or goes on with one. @param from gives the state to go on from, if its settings are these */
export function start<K extends Kind>(
  recipe: Recipe<K>,
  what: string,
  from?: (program: Program, settings: RunSettings) => RunSpec<K>['from'],
): Run<K> & Live {
  const { spec, watched, kind } = prepare(recipe, what);
  const run = startRun({ ...spec, from: from?.(spec.program, { ...spec.settings, mesh: null }) });
  recipes.set(run, recipe);
  listenForControls();
  return makeLive(run, kind, watched);
}

/** A method that makes steps of its own is not told how to make them by `fit`. */
function assertApplies(
  { name, refuses = [] }: Method,
  given: Pick<FitOptions<Kind>, NonNullable<Method['refuses']>[number]>,
  what: string,
): void {
  const option = refuses.find((each) => given[each] !== undefined);
  if (option === undefined) return;
  throw new CredenceError(
    'E_OPTION',
    `${what}: option '${option}' does not apply to ${name}, which makes steps of its own: leave it out, and give the method its options`,
  );
}

function assertSameInputs(validation: Shape, training: Shape): void {
  if (validation.join() === training.join()) return;
  throw new CredenceError(
    'E_SHAPE',
    `fit: validation needs x of shape [N, ${training.join(', ')}], as the training data has, got [N, ${validation.join(', ')}]`,
  );
}

/** The data that the live view shows predictions for. */
const watch = (train: Dataset, validation: Data | undefined): Watched =>
  validation
    ? { data: dataset(validation.x, validation.y), name: 'validation data' }
    : { data: train, name: 'training data' };
