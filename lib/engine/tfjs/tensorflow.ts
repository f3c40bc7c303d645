/** tfjs, running on the C library: installs the backend once per thread, on first use. */
import os from 'node:os';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { NodeJSKernelBackend } from '@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend';
import '@tensorflow/tfjs-node-gpu/dist/register_all_kernels';
import { CredenceError } from '../../errors';
import { Binding } from './binding';
import { requestedBackend } from './choice';
import { Context } from '../native/context';
import type { Node } from '../native/graph';
import { readWithoutBlocking } from './nonBlocking';
import './gradients';
import './kernels';

/** The part of tfjs-node's backend class that we touch. */
interface Backend extends tf.KernelBackend {
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  createOutputTensor(metadata: Node): tf.Tensor;
}

export interface Engine {
  context: Context;
  binding: Binding;
  backend: Backend;
}

let engine: Engine | undefined;

/**
 * The engine of this thread. The first call loads TensorFlow (about a third of a second) and makes it tfjs's backend. What works on a
 * fallback too calls `backend()` instead.
 * @throws CredenceError E_LIBRARY if TensorFlow is not there, E_ENGINE if another backend was asked for
 */
export function tensorflow(): Engine {
  if (engine) return engine;
  const requested = requestedBackend() ?? 'tensorflow';
  if (requested !== 'tensorflow') {
    throw new CredenceError(
      'E_ENGINE',
      `this needs TensorFlow, but CREDENCE_BACKEND asks for '${requested}': unset it`,
    );
  }
  // workers have a thread each; what runs outside of them, such as predictions, may use all cores
  const context = new Context({ gpu: 'first', threads: os.availableParallelism() });
  const binding = new Binding(context);
  // tfjs-node's kernels call two functions of Node's, of which later versions have taken one away, and warn of the other
  Object.assign(util, { isArray: Array.isArray, isNullOrUndefined: (value: unknown) => value == null });
  const backend = new NodeJSKernelBackend(binding, '@tensorflow/tfjs-node-gpu') as unknown as Backend;
  readWithoutBlocking(backend, binding);
  tf.registerBackend('tensorflow', () => backend, 3);
  void tf.setBackend('tensorflow'); // takes effect at once: the factory is synchronous
  engine = { context, binding, backend };
  return engine;
}

/** The engine of this thread, if TensorFlow is loaded in it. */
export const loadedEngine = (): Engine | undefined => engine;

/** The version of libtensorflow. */
export const tensorflowVersion = (): string => tensorflow().binding.TF_Version;
