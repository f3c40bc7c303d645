import * as tf from '@tensorflow/tfjs';
import { registerCpuBatchMatMul } from './cpuBatchMatMul';

/** The part of tfjs's plain JavaScript backend that we touch. */
export interface CpuBackend extends tf.KernelBackend {
  firstUse: boolean;
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: tf.backend_util.BackendValues): tf.TensorInfo;
  disposeIntermediateTensorInfo(info: tf.TensorInfo): void;
}

/** tfjs's plain JavaScript backend, without its advice to install another one. */
export function cpuBackend(): CpuBackend {
  const backend = tf.findBackend('cpu') as CpuBackend;
  backend.firstUse = false;
  return backend;
}

/** Makes plain JavaScript tfjs's backend. */
export function installCpu(): 'cpu' {
  cpuBackend();
  registerCpuBatchMatMul();
  void tf.setBackend('cpu'); // takes effect at once: the factory is synchronous
  return 'cpu';
}
