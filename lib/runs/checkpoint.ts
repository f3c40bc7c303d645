/**
 * All that training changes, on disk: each learned array under its name ('0.dense.kernel.mean'), and what the optimiser keeps for it
 * ('optimizer.0.0.dense.kernel.mean'), and what it was when it was kept ('kept.0.0.dense.kernel'). Exact: what is loaded has the same bits.
 */
import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import type { Program } from '../inference/method';
import { type Shape, sizeOf } from '../ndarray';
import { keptBy, type TrainingState } from '../parallel/plan/state';
import { encodeSafetensors, readSafetensors, type Stored } from '../safetensors';
import { writeAtomically, writeError } from './atomically';
import { type RunConfig, fingerprint } from './config';

const FORMAT = 'credence-checkpoint-1';
/** Checkpoints that are kept: should the newest one be damaged, there is one before it. */
const KEPT = 2;

/** What a checkpoint needs to know of a program. */
export type Layout = Pick<Program, 'vectors' | 'variables' | 'slots' | 'keeping'>;

/** A named array, and where it lies among the vectors and slots. */
interface Place {
  name: string;
  shape: Shape;
  index: number;
  offset: number;
}

/** @param kept how often the vectors were kept */
const placesOf = ({ vectors, variables, slots }: Layout, kept: number): Place[] =>
  variables.flatMap(({ name, shape, vector, offset }) => [
    { name, shape, index: vector, offset },
    ...Array.from({ length: slots }, (_, slot) => ({
      name: `optimizer.${slot}.${name}`,
      shape,
      index: vectors.length + vector * slots + slot,
      offset,
    })),
    ...Array.from({ length: kept }, (_, number) => ({
      name: `kept.${number}.${name}`,
      shape,
      index: vectors.length * (1 + slots + number) + vector,
      offset,
    })),
  ]);

const metadata = v.object({
  format: v.literal(FORMAT, 'it is not a checkpoint of this version of Credence'),
  run: v.string(),
  step: v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number)),
  seed: v.string(),
  fingerprint: v.string(),
});

export interface Checkpoint extends v.InferOutput<typeof metadata> {
  file: string;
  tensors: ReadonlyMap<string, Stored>;
}

/** The checkpoints in a folder, newest first. */
export function checkpointsIn(folder: string): { step: number; file: string }[] {
  return readdirSync(folder)
    .flatMap((name) => {
      const step = /^checkpoint-(\d+)[.]safetensors$/.exec(name)?.[1];
      return step === undefined ? [] : [{ step: Number(step), file: path.join(folder, name) }];
    })
    .sort((a, b) => b.step - a.step);
}

/** The file of a checkpoint, and what is in it. */
export function checkpointOf(
  folder: string,
  layout: Layout,
  state: TrainingState,
  config: RunConfig,
): { file: string; pieces: readonly Uint8Array[] } {
  const arrays = [...state.vectors, ...state.slots, ...state.kept.flat()];
  const tensors = new Map(
    placesOf(layout, state.kept.length).map(({ name, shape, index, offset }) => [
      name,
      { shape, values: arrays[index]!.subarray(offset, offset + sizeOf(shape)) },
    ]),
  );
  const facts: v.InferInput<typeof metadata> = {
    format: FORMAT,
    run: config.id,
    step: String(state.step),
    seed: String(config.seed),
    fingerprint: fingerprint(config),
  };
  return {
    file: path.join(folder, `checkpoint-${state.step}.safetensors`),
    pieces: encodeSafetensors({ tensors, metadata: facts }),
  };
}

/**
 * Writes a checkpoint, and only then deletes all but the newest.
 * @throws CredenceError E_FILE; the checkpoints there were are still there
 */
export async function writeCheckpoint(
  folder: string,
  layout: Layout,
  state: TrainingState,
  config: RunConfig,
): Promise<void> {
  const { file, pieces } = checkpointOf(folder, layout, state, config);
  await writeAtomically(file, pieces);
  try {
    for (const { file } of checkpointsIn(folder).slice(KEPT)) await rm(file, { force: true });
  } catch (cause) {
    throw writeError(folder, cause);
  }
}

/** @throws CredenceError E_FILE */
export function readCheckpoint(file: string): Checkpoint {
  const content = readSafetensors(file);
  const facts = v.safeParse(metadata, content.metadata);
  if (facts.success) return { file, ...facts.output, tensors: content.tensors };
  throw new CredenceError('E_FILE', `${file} cannot be used: ${facts.issues[0].message}`);
}

/**
 * The newest checkpoint that is whole, if any is there.
 * @throws CredenceError E_FILE if there are some and all are damaged
 */
export function newestCheckpoint(folder: string): Checkpoint | undefined {
  let trouble: CredenceError | undefined;
  for (const { file } of checkpointsIn(folder)) {
    try {
      return readCheckpoint(file);
    } catch (error) {
      trouble ??= error as CredenceError;
    }
  }
  if (trouble) throw trouble;
  return undefined;
}

/**
 * The state of training in a checkpoint.
 * @throws CredenceError E_RUN if it is of another model: names the first array that differs
 */
export function stateIn({ file, step, tensors }: Checkpoint, layout: Layout): TrainingState {
  const { vectors, slots, keeping } = layout;
  const refuse = (difference: string): never => {
    throw new CredenceError('E_RUN', `${file} is of another model or optimiser: ${difference}`);
  };
  const ofVectors = vectors.map(({ length }) => new Float32Array(length));
  const ofSlots = vectors.flatMap(({ length }) =>
    Array.from({ length: slots }, () => new Float32Array(length)),
  );
  const kept = Array.from({ length: keptBy(step, keeping) }, () =>
    vectors.map(({ length }) => new Float32Array(length)),
  );
  const arrays = [...ofVectors, ...ofSlots, ...kept.flat()];
  const unknown = new Set(tensors.keys());
  for (const { name, shape, index, offset } of placesOf(layout, kept.length)) {
    const stored = tensors.get(name);
    if (!stored) return refuse(`it has no '${name}'`);
    if (stored.shape.join() !== shape.join()) {
      return refuse(`'${name}' is [${stored.shape.join(', ')}] there and [${shape.join(', ')}] here`);
    }
    if (!(stored.values instanceof Float32Array)) return refuse(`'${name}' is not of type F32`);
    arrays[index]!.set(stored.values, offset);
    unknown.delete(name);
  }
  for (const name of unknown) refuse(`it has '${name}', which there is none of here`);
  return { step, vectors: ofVectors, slots: ofSlots, kept };
}
