/**
 * Layers models of TensorFlow.js on disk: model.json holds what the model is made of and, in groups, which array comes after which in the
 * shards of a group, files beside it whose bytes are one piece.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { ndarray, type NdArray, sizeOf } from '../ndarray';
import { count } from '../validate';

/** A layer as Keras describes it. */
export interface KerasLayer {
  class_name: string;
  config: Readonly<Record<string, unknown>>;
}

export interface TfjsModel {
  /** Undefined where the file holds something else than a model of layers. */
  topology: KerasLayer | undefined;
  /** In the order of the layers. */
  weights: [name: string, array: NdArray][];
}

const quantization = v.object({
  dtype: v.picklist(['uint8', 'uint16']),
  scale: v.number(),
  min: v.number(),
});
const entry = v.object({
  name: v.string(),
  shape: v.array(count(0)),
  dtype: v.picklist(['float32', 'int32', 'bool']),
  quantization: v.optional(quantization),
});
const group = v.object({ paths: v.array(v.string()), weights: v.array(entry) });
const layer = v.object({ class_name: v.string(), config: v.record(v.string(), v.unknown()) });
const content = v.object({
  modelTopology: v.optional(v.union([layer, v.object({ model_config: layer }), v.looseObject({})])),
  weightsManifest: v.array(group),
});

const types = { float32: Float32Array, int32: Int32Array, bool: Uint8Array, uint8: Uint8Array, uint16: Uint16Array } as const; // prettier-ignore

/** The bytes of all shards of a group. They lie beside the file, or below. */
function bytesOf(paths: readonly string[], folder: string): Buffer {
  const shards = paths.map((shard) => {
    const full = path.resolve(folder, shard);
    if (!full.startsWith(folder + path.sep)) throw new Error(`its shard '${shard}' is not beside it`);
    return readFileSync(full);
  });
  return Buffer.concat(shards);
}

function arraysOf({ paths, weights }: v.InferOutput<typeof group>, folder: string): [string, NdArray][] {
  const bytes = bytesOf(paths, folder);
  let next = 0;
  const arrays = weights.map(({ name, shape, dtype, quantization }): [string, NdArray] => {
    const type = types[quantization?.dtype ?? dtype];
    const length = sizeOf(shape) * type.BYTES_PER_ELEMENT;
    if (next + length > bytes.length) throw new Error(`its shards end within the array '${name}'`);
    // in memory of its own, which is aligned
    const stored = new type(Uint8Array.from(bytes.subarray(next, (next += length))).buffer);
    const { scale = 1, min = 0 } = quantization ?? {};
    return [name, ndarray(Float32Array.from(stored, (value) => value * scale + min), shape)]; // prettier-ignore
  });
  if (next !== bytes.length)
    throw new Error(`its shards have ${bytes.length} bytes of data instead of ${next}`);
  return arrays;
}

function read(file: string): TfjsModel {
  const result = v.safeParse(content, JSON.parse(readFileSync(file, 'utf8')));
  if (!result.success) {
    const [issue] = result.issues;
    throw new Error(`${v.getDotPath(issue) ?? 'it'}: ${issue.message}`);
  }
  const { modelTopology: given, weightsManifest } = result.output;
  const topology = given && 'model_config' in given ? given.model_config : given;
  return {
    topology: v.is(layer, topology) ? topology : undefined,
    weights: weightsManifest.flatMap((group) => arraysOf(group, path.dirname(path.resolve(file)))),
  };
}

/**
 * What a model.json and its shards say.
 * @throws CredenceError E_FILE, which names the file and what is wrong with it
 */
export function readTfjs(file: string): TfjsModel {
  try {
    return read(file);
  } catch (cause) {
    throw new CredenceError(
      'E_FILE',
      `${file} cannot be used: ${(cause as Error).message}. It should be the model.json of a TensorFlow.js layers model, with its shards beside it`,
      { cause },
    );
  }
}
