/** Kernels that the WebAssembly backend lacks or has wrong and the plain JavaScript one has right, borrowed from there. */
import * as tf from '@tensorflow/tfjs';
import { borrowed } from '../plain';

/**
 * All those of real tensors that are lacking; the rest are for complex numbers, ragged arrays and strings, which that backend cannot
 * hold. And one that is wrong.
 */
const lacking = [
  'DepthwiseConv2dNativeBackpropFilter',
  'DepthwiseConv2dNativeBackpropInput',
  'Einsum',
  'MaxPoolGrad', // theirs is zero where all values of a window are negative
  'UnsortedSegmentSum', // the gradient of gather
] as const;

/** Makes them kernels of the WebAssembly backend. */
export function registerDelegates(): void {
  for (const kernelName of lacking) {
    const kernelFunc = borrowed(tf.getKernel(kernelName, 'cpu'));
    if (tf.getKernel(kernelName, 'wasm')) tf.unregisterKernel(kernelName, 'wasm');
    tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc });
  }
}
