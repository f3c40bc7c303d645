import * as tf from '@tensorflow/tfjs';
import { plainBackend } from '../plain';
import { registerCpuBatchMatMul } from './cpuBatchMatMul';

/** Makes plain JavaScript tfjs's backend. */
export function installCpu(): 'cpu' {
  plainBackend();
  registerCpuBatchMatMul();
  void tf.setBackend('cpu'); // takes effect at once: the factory is synchronous
  return 'cpu';
}
