/** Kernels that the WebAssembly backend lacks or has wrong and the plain JavaScript one has right, borrowed from there. */
import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm/dist/backend_wasm';
import { cpuBackend } from './cpu';

/**
 * All those of real tensors that are lacking; the rest are for complex numbers, ragged arrays and strings, which that backend cannot
 * hold. And one that is wrong.
 */
const borrowed = [
  'DepthwiseConv2dNativeBackpropFilter',
  'DepthwiseConv2dNativeBackpropInput',
  'Einsum',
  'MaxPoolGrad', // theirs is zero where all values of a window are negative
  'UnsortedSegmentSum', // the gradient of gather
] as const;

type Inputs = tf.NamedTensorInfoMap;

/** Runs a kernel of the plain JavaScript backend on tensors of the WebAssembly backend: copies there and back. */
const delegate =
  ({ kernelFunc }: tf.KernelConfig): tf.KernelFunc =>
  ({ inputs, attrs, backend }) => {
    const [cpu, wasm] = [cpuBackend(), backend as BackendWasm];
    const copied = Object.entries(inputs).map(([name, info]) => {
      const { shape, dtype, dataId } = info!;
      return [name, cpu.makeTensorInfo(shape, dtype, wasm.readSync(dataId))] as const;
    });
    const arranged = Array.isArray(inputs) ? copied.map(([, info]) => info) : Object.fromEntries(copied);
    const outputs = [kernelFunc({ inputs: arranged as Inputs, attrs, backend: cpu })].flat();
    const results = outputs.map(({ shape, dtype, dataId }) =>
      wasm.makeOutput(shape, dtype, undefined, cpu.readSync(dataId)),
    );
    for (const info of [...copied.map(([, info]) => info), ...outputs])
      cpu.disposeIntermediateTensorInfo(info);
    return results.length > 1 ? results : results[0]!;
  };

/** Makes them kernels of the WebAssembly backend. */
export function registerDelegates(): void {
  for (const kernelName of borrowed) {
    const kernelFunc = delegate(tf.getKernel(kernelName, 'cpu'));
    if (tf.getKernel(kernelName, 'wasm')) tf.unregisterKernel(kernelName, 'wasm');
    tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc });
  }
}
