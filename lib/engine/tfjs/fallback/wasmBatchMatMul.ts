/**
 * Products of batches of matrices on the WebAssembly backend. tfjs's own kernel is fast (XNNPACK) for one pair of matrices that are not
 * transposed, and a plain loop for everything else; here every pair of a batch goes through the fast one.
 */
import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm/dist/backend_wasm';
import { batchOf, isPlainBroadcast } from './broadcast';

interface Attributes {
  transposeA: boolean;
  transposeB: boolean;
}

/** tfjs's kernel by the ids and shapes of its tensors. */
type Multiply = (
  ...[a, aShape, aRank, b, bShape, bRank, transposeA, transposeB, out]: [
    number,
    Uint8Array,
    number,
    number,
    Uint8Array,
    number,
    boolean,
    boolean,
    number,
  ]
) => void;

/** Multiplications in a pair of matrices from which on the set-up of the fast kernel is worth it. */
const WORTH_XNNPACK = 16384;

const bytesOf = (shape: readonly number[]): Uint8Array => new Uint8Array(Int32Array.from(shape).buffer);

/** A part of a tensor of the heap as a tensor of its own, without a copy. */
function view(backend: BackendWasm, tensor: tf.TensorInfo, index: number, shape: number[]) {
  const { memoryOffset } = backend.dataIdMap.get(tensor.dataId);
  const offset = memoryOffset + 4 * index * tf.util.sizeFromShape(shape);
  const { dataId } = backend.makeOutput(shape, 'float32', offset);
  const { id } = backend.dataIdMap.get(dataId);
  return {
    id,
    /** Forgets the view and what the kernel keeps of it (matrices are repacked and remembered by id); the memory is another's. */
    drop(): void {
      backend.wasm.tfjs.disposeData(id);
      backend.dataIdMap.delete(dataId);
    },
  };
}

const swapped = (x: tf.Tensor): tf.Tensor => {
  const axes = x.shape.map((_, axis) => axis);
  return tf.transpose(x, [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!]);
};

/** Which matrix of an operand each pair of the product takes: batch axes of length 1 are repeated. */
function places(shape: readonly number[], batch: readonly number[]): number[] {
  const lengths = [...new Array<number>(batch.length - shape.length).fill(1), ...shape];
  return batch.reduce<number[]>(
    (found, count, axis) =>
      found.flatMap((place) =>
        Array.from({ length: count }, (_, i) => place * lengths[axis]! + (lengths[axis] === 1 ? 0 : i)),
      ),
    [0],
  );
}

/** [..., M, K] x [..., K, N], each pair by the fast kernel. */
function multiplyPairs(multiply: Multiply, backend: BackendWasm, a: tf.Tensor, b: tf.Tensor): tf.TensorInfo {
  const [rows, inner, columns] = [a.shape.at(-2)!, a.shape.at(-1)!, b.shape.at(-1)!];
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(batchOf(a), batchOf(b));
  const out = backend.makeOutput([...batch, rows, columns], 'float32');
  const aShape = [1, rows, inner];
  const bShape = [1, inner, columns];
  const [aBytes, bBytes] = [bytesOf(aShape), bytesOf(bShape)];
  const pairs = tf.util.sizeFromShape(batch);
  const [aPlaces, bPlaces] = [a, b].map((x) => places(batchOf(x), batch));
  for (let pair = 0; pair < pairs; pair++) {
    const left = view(backend, a, aPlaces![pair]!, aShape);
    const right = view(backend, b, bPlaces![pair]!, bShape);
    const product = view(backend, out, pair, [1, rows, columns]);
    multiply(left.id, aBytes, 3, right.id, bBytes, 3, false, false, product.id);
    for (const part of [left, right, product]) part.drop();
  }
  return out;
}

/** Puts the fast products in the place of tfjs's kernel, which keeps the small and the odd ones. */
export function registerWasmBatchMatMul(): void {
  const plain = tf.getKernel('BatchMatMul', 'wasm');
  let multiply: Multiply;
  const kernelFunc: tf.KernelFunc = (call) => {
    const { a, b } = call.inputs as { a: tf.Tensor; b: tf.Tensor };
    const { transposeA, transposeB } = call.attrs as unknown as Attributes;
    const pair = a.shape.at(-2)! * a.shape.at(-1)! * b.shape.at(transposeB ? -2 : -1)!;
    const alone = a.rank === 2 && b.rank === 2 && !transposeA && !transposeB;
    const refused = a.dtype !== 'float32' || b.dtype !== 'float32';
    if (refused || alone || (pair < WORTH_XNNPACK && isPlainBroadcast(a, b))) return plain.kernelFunc(call);
    const left = transposeA ? swapped(a) : a;
    const right = transposeB ? swapped(b) : b;
    const product = multiplyPairs(multiply, call.backend as BackendWasm, left, right);
    if (transposeA) left.dispose();
    if (transposeB) right.dispose();
    return product;
  };
  tf.unregisterKernel('BatchMatMul', 'wasm');
  tf.registerKernel({
    ...plain,
    kernelFunc,
    setupFunc(backend) {
      plain.setupFunc?.(backend);
      const { cwrap } = (backend as BackendWasm).wasm as unknown as {
        cwrap(...signature: unknown[]): Multiply;
      };
      const [number, array] = ['number', 'array'];
      multiply = cwrap('BatchMatMul', null, [
        number,
        array,
        number,
        number,
        array,
        number,
        number,
        number,
        number,
      ]);
    },
  });
}
