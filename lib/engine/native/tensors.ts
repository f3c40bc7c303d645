/** Tensors of TensorFlow (TF_Tensor) from values of JavaScript. They become the caller's. */
import koffi from 'koffi';
import { CredenceError } from '../../errors';
import { type Shape, sizeOf } from '../../ndarray';
import { capi, cString, type Pointer } from './capi';
import { describe } from './describe';
import { bytesPerElement, DataType, nameOf } from './dtype';

/** TensorFlow ends the process for a shape with more axes than this. */
const MOST_AXES = 254;

/** C reads as many bytes as a shape needs, whatever it was given: a wrong number of them must never reach it. */
function assertFills(type: number, shape: Shape, bytes: number): void {
  const each = bytesPerElement.get(type);
  if (each === undefined)
    throw new CredenceError('E_ENGINE', `tensors of type ${nameOf(type)} cannot be made of values`);
  if (shape.length > MOST_AXES)
    throw new CredenceError('E_SHAPE', `a tensor has at most ${MOST_AXES} axes, got ${shape.length}`);
  if (!shape.every((length) => Number.isSafeInteger(length) && length >= 0)) {
    throw new CredenceError(
      'E_SHAPE',
      `a shape is made of whole numbers of at least 0, got [${shape.join(', ')}]`,
    );
  }
  const needed = each * sizeOf(shape);
  if (bytes === needed) return;
  throw new CredenceError(
    'E_SHAPE',
    `${bytes} bytes do not fill a tensor of shape [${shape.join(', ')}], which needs ${needed}`,
  );
}

function allocate(
  type: number,
  shape: Shape,
  bytes: number,
  note?: BigUint64Array,
): { tensor: Pointer; data: Pointer } {
  const c = capi();
  assertFills(type, shape, bytes);
  const tensor = c.TF_AllocateTensor(type, BigInt64Array.from(shape, BigInt), shape.length, bytes) ?? 0n;
  if (note) note[0] = tensor;
  const data = c.TF_TensorData(tensor);
  if (bytes === 0 || data) return { tensor, data };
  if (note) note[0] = 0n;
  c.TF_DeleteTensor(tensor);
  throw new CredenceError(
    'E_MEMORY',
    `there is not enough memory for a tensor of ${describe(type, shape)}: ${bytes} bytes`,
  );
}

/**
 * A tensor with a copy of these values, as many bytes as it has.
 * @param note holds it (see Notes) before the copy begins, which takes long enough for a thread to be ended in it
 */
export function copyOf(type: number, shape: Shape, values: ArrayBufferView, note: BigUint64Array): Pointer {
  const { tensor, data } = allocate(type, shape, values.byteLength, note);
  if (values.byteLength > 0) capi().memcpy(data, values, values.byteLength);
  return tensor;
}

/** A tensor of strings. Its text is freed by `freeText`, when nothing refers to the tensor's memory any more. */
export function stringTensor(
  shape: Shape,
  values: readonly (string | Uint8Array)[],
): { tensor: Pointer; freeText(): void } {
  const c = capi();
  const each = bytesPerElement.get(DataType.string)!;
  const { tensor, data } = allocate(DataType.string, shape, values.length * each);
  const places = values.map((_, i) => data + BigInt(each * i));
  values.forEach((value, i) => {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    c.TF_StringInit(places[i]!);
    c.TF_StringCopy(places[i]!, bytes, bytes.length);
  });
  const freeText = (): void => {
    for (const place of places) c.TF_StringDealloc(place);
  };
  return { tensor, freeText };
}

/** A tensor whose memory is that of these values, which outlive it. */
export function sharedTensor(type: number, shape: Shape, values: ArrayBufferView): Pointer {
  const c = capi();
  assertFills(type, shape, values.byteLength);
  const dims = BigInt64Array.from(shape, BigInt);
  // TensorFlow insists on a deallocator. The memory is JavaScript's, so give it a C function that does nothing to it
  const nothing = c.dlsym(null, cString('getpid'));
  return c.TF_NewTensor(type, dims, dims.length, koffi.address(values), values.byteLength, nothing, null);
}
