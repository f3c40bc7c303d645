import type * as tf from '@tensorflow/tfjs';
import type { Binding } from './binding';

/** What tfjs-node's backend keeps about each tensor: values that TensorFlow has not been given yet, or the id of what it has. */
interface Kept {
  readonly tensorMap: { get(dataId: tf.DataId): { id: number; values: tf.BackendValues | null } };
}

/** Lets `await tensor.data()` wait for the device beside JavaScript; tfjs-node's own blocks it. */
export function readWithoutBlocking(backend: tf.KernelBackend, binding: Binding): void {
  const { tensorMap } = backend as unknown as Kept;
  backend.read = async (dataId) => {
    const { id, values } = tensorMap.get(dataId);
    return values ?? ((await binding.tensorData(id)) as tf.BackendValues);
  };
}
