/** tfjs, running on the C library: installs the backend once per thread, on first use. */
import util from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { NodeJSKernelBackend } from '@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend';
import '@tensorflow/tfjs-node-gpu/dist/register_all_kernels';
import { Binding } from './binding';
import { Context } from './context';
import type { Device } from './devices';
import type { Node } from './graph';
import './gradients';

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

/** The engine of this thread. The first call loads TensorFlow (about a third of a second) and makes it tfjs's backend. */
export function tensorflow(): Engine {
  if (engine) return engine;
  const context = new Context();
  const binding = new Binding(context);
  // tfjs-node's kernels call a function that Node removed in version 23
  (util as { isNullOrUndefined?: (value: unknown) => boolean }).isNullOrUndefined ??= (value) =>
    value == null;
  const backend = new NodeJSKernelBackend(binding, '@tensorflow/tfjs-node-gpu') as unknown as Backend;
  tf.registerBackend('tensorflow', () => backend, 3);
  void tf.setBackend('tensorflow'); // takes effect at once: the factory is synchronous
  engine = { context, binding, backend };
  return engine;
}

/** The processors that TensorFlow sees, GPUs first. */
export function devices(): Device[] {
  const { devices } = tensorflow().context;
  return [...devices].sort((a, b) => Number(b.type === 'GPU') - Number(a.type === 'GPU'));
}

/** The version of libtensorflow. */
export const tensorflowVersion = (): string => tensorflow().binding.TF_Version;

export type { Device };
