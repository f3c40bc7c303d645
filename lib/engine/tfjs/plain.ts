/** tfjs's plain JavaScript backend: slow, complete and right. Other backends borrow kernels from it. */
import * as tf from '@tensorflow/tfjs';

/** The part of it that we touch. */
interface PlainBackend extends tf.KernelBackend {
  firstUse: boolean;
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: tf.BackendValues): tf.TensorInfo;
  disposeIntermediateTensorInfo(info: tf.TensorInfo): void;
}

/** The backend, without its advice to install another one. */
export function plainBackend(): PlainBackend {
  const backend = tf.findBackend('cpu') as PlainBackend;
  backend.firstUse = false;
  return backend;
}

/** One tensor, none, or a list of them. */
type Input = tf.TensorInfo | readonly tf.TensorInfo[] | undefined;

/** A kernel of the plain backend for tensors of another one: it works on copies of their values, and copies its results back. */
export const borrowed =
  ({ kernelFunc }: tf.KernelConfig): tf.KernelFunc =>
  ({ inputs, attrs, backend }) => {
    const [plain, own] = [plainBackend(), backend as tf.KernelBackend];
    const copies: tf.TensorInfo[] = [];
    const copied = (input: Input): Input => {
      if (input === undefined) return undefined; // as the bias of a convolution without one
      if ('map' in input) return input.map((each) => copied(each) as tf.TensorInfo);
      const copy = plain.makeTensorInfo(input.shape, input.dtype, own.readSync(input.dataId));
      copies.push(copy);
      return copy;
    };
    const arranged = Array.isArray(inputs)
      ? copied(inputs)
      : Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, copied(input)]));
    const outputs = kernelFunc({ inputs: arranged as tf.NamedTensorInfoMap, attrs, backend: plain });
    const results = [outputs].flat().map(({ shape, dtype, dataId }) => ({
      dataId: own.write(plain.readSync(dataId), shape, dtype),
      shape,
      dtype,
    }));
    for (const info of [...copies, ...[outputs].flat()]) plain.disposeIntermediateTensorInfo(info);
    return Array.isArray(outputs) ? results : results[0]!;
  };
