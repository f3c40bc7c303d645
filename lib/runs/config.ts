/** What was asked for when a run was started: its `config.json`. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { kinds } from '../distributions/likelihood';
import { loadedEngine } from '../engine/tfjs/tensorflow';
import { packageRoot } from '../environment';
import { CredenceError } from '../errors';
import { count } from '../validate';
import { readJson, writeJson } from './jsonFile';

const shape = v.array(count(0));

/** What a run is: with other values of these it would be another run. */
const identity = {
  /** The learned arrays, in order. */
  model: v.array(v.object({ name: v.string(), shape })),
  /** The method with its settings: 'vi (8 samples, auto)'. */
  method: v.string(),
  likelihood: v.object({ name: v.string(), kind: v.picklist(kinds) }),
  /** The optimiser with its settings: 'adam(0.001)'. */
  optimizer: v.string(),
  /** What inputs are changed by, and for which samples alike: 'randomFlip(0.5), independent', or 'none'. */
  augmentation: v.string(),
  seed: count(0),
  batchSize: count(1),
  /** Weight samples of a step. */
  samples: count(1),
  data: v.object({ size: count(1), inputShape: shape, targetShape: shape }),
};

/** How far it is to go, and on what: may change when it is resumed. */
const extent = {
  epochs: count(1),
  steps: count(1),
  /** How the workers share the work out; null until that is found out. */
  mesh: v.nullable(v.object({ sample: count(1), data: count(1) })),
};

const FORMAT = 1;

export const runSettings = v.object({ ...identity, ...extent });
export type RunSettings = v.InferOutput<typeof runSettings>;

const runConfig = v.object({
  format: v.literal(FORMAT, 'it was written by another version of Credence'),
  id: v.string(),
  started: v.pipe(v.string(), v.isoTimestamp()),
  ...runSettings.entries,
  versions: v.object({ credence: v.string(), tensorflow: v.nullable(v.string()), node: v.string() }),
});
export type RunConfig = v.InferOutput<typeof runConfig>;

const ownVersion = (): string =>
  (JSON.parse(readFileSync(path.join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version;

/** The configuration of a run that starts now. */
export const newConfig = (id: string, settings: RunSettings): RunConfig => ({
  format: FORMAT,
  id,
  started: new Date().toISOString(),
  ...settings,
  versions: {
    credence: ownVersion(),
    tensorflow: loadedEngine()?.binding.TF_Version ?? null,
    node: process.versions.node,
  },
});

const configFile = (folder: string): string => path.join(folder, 'config.json');

/** @throws CredenceError E_FILE */
export const writeConfig = (folder: string, config: RunConfig): Promise<void> =>
  writeJson(configFile(folder), config);

/** @throws CredenceError E_FILE */
export const readConfig = (folder: string): RunConfig => readJson(configFile(folder), runConfig);

/** What the settings are that make a run the one it is, by the names a person knows, in words. */
export function describeIdentity(settings: RunSettings): Record<string, string> {
  const { model, method, likelihood, optimizer, augmentation, seed, batchSize, samples, data } = settings;
  const shapeText = (lengths: readonly number[]): string => `[${lengths.join(', ')}]`;
  return {
    'number of data': String(data.size),
    'shape of an input': shapeText(data.inputShape),
    'shape of a target': shapeText(data.targetShape),
    model: model.map(({ name, shape }) => `${name} ${shapeText(shape)}`).join(', '),
    likelihood: likelihood.name,
    method,
    samples: String(samples),
    optimizer,
    augmentation,
    batchSize: String(batchSize),
    seed: String(seed),
  };
}

/** A short text that differs where runs are not the same. */
export const fingerprint = (settings: RunSettings): string =>
  createHash('sha256')
    .update(JSON.stringify(describeIdentity(settings)))
    .digest('hex')
    .slice(0, 16);

/** The first array in which two models differ, in words. */
function modelDifference(was: RunSettings['model'], is: RunSettings['model']): string {
  const text = (each: RunSettings['model'][number] | undefined): string =>
    each ? `'${each.name}' [${each.shape.join(', ')}]` : 'nothing';
  const at = was.findIndex((each, i) => text(each) !== text(is[i]));
  const place = at < 0 ? was.length : at;
  return `the model of this run has ${text(was[place])} where this one has ${text(is[place])}`;
}

/**
 * Asserts that a run can go on with these settings. It may be given more epochs, and other workers: they do not change what is learned.
 * @throws CredenceError E_RUN, which names the first setting that differs
 */
export function assertSameRun(config: RunConfig, wanted: RunSettings): void {
  const [was, is] = [describeIdentity(config), describeIdentity(wanted)];
  const name = Object.keys(was).find((each) => was[each] !== is[each]);
  if (name !== undefined) {
    const difference =
      name === 'model'
        ? modelDifference(config.model, wanted.model)
        : `${name} was ${was[name]} and is ${is[name]} now`;
    throw new CredenceError(
      'E_RUN',
      `run ${config.id} cannot be resumed like this: ${difference}. Give what it was started with, or start a new run`,
    );
  }
  if (wanted.epochs < config.epochs) {
    throw new CredenceError(
      'E_RUN',
      `run ${config.id} was started for ${config.epochs} epochs: resume it with as many or more, not ${wanted.epochs}`,
    );
  }
}
