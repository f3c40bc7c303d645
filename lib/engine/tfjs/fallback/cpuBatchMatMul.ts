import * as tf from '@tensorflow/tfjs';
import { batchOf, isPlainBroadcast } from './broadcast';

/** Makes the plain JavaScript backend multiply batches of matrices that broadcast along several axes, by copying them. */
export function registerCpuBatchMatMul(): void {
  const plain = tf.getKernel('BatchMatMul', 'cpu');
  const kernelFunc: tf.KernelFunc = (call) => {
    const { a, b } = call.inputs as { a: tf.Tensor; b: tf.Tensor };
    if (isPlainBroadcast(a, b)) return plain.kernelFunc(call);
    const batch = tf.broadcast_util.assertAndGetBroadcastShape(batchOf(a), batchOf(b));
    const [left, right] = [a, b].map((x) => tf.broadcastTo(x, [...batch, ...x.shape.slice(-2)]));
    const product = plain.kernelFunc({ ...call, inputs: { a: left!, b: right! } });
    tf.dispose([left!, right!]);
    return product;
  };
  tf.unregisterKernel('BatchMatMul', 'cpu');
  tf.registerKernel({ ...plain, kernelFunc });
}
