import { CredenceError } from '../errors';
import { ndarray, type NdArray } from '../ndarray';
import { readSafetensors } from '../safetensors';
import { readTfjs } from './tfjsFile';

/** Named arrays of numbers. */
export type Weights = ReadonlyMap<string, NdArray>;

/**
 * The arrays of a file, by the names that they have there: safetensors (of Hugging Face, PyTorch, or a checkpoint of a run), or the
 * model.json of TensorFlow.js with its shards. Whole numbers and other precisions come as single precision.
 * @throws CredenceError E_FILE
 */
export function load(file: string): Weights {
  if (file.endsWith('.json')) return new Map(readTfjs(file).weights);
  if (!file.endsWith('.safetensors')) {
    throw new CredenceError(
      'E_FILE',
      `${file}: weights are read from .safetensors files and from TensorFlow.js's model.json. Of a PyTorch model, safetensors.torch.save_file(model.state_dict(), path) makes one`,
    );
  }
  const { tensors } = readSafetensors(file);
  const single = (values: ArrayLike<number | bigint>): Float32Array =>
    values instanceof Float32Array ? values : Float32Array.from(values, Number);
  return new Map(Array.from(tensors, ([name, { shape, values }]) => [name, ndarray(single(values), shape)]));
}
