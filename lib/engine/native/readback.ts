/** Values of tensors, from the memory of TensorFlow to arrays of JavaScript. */
import koffi from 'koffi';
import { CredenceError } from '../../errors';
import { capi, type Pointer } from './capi';
import { bytesPerElement, DataType, nameOf } from './dtype';
import { Status } from './status';
import { arrayType, type Values } from './values';

/**
 * From this many bytes on, an array is a view of TensorFlow's memory: 0.5 ms for 12.8 MB, where a copy takes 2 to 5 ms, most of it for
 * memory that is new to the process. Below it a copy is as quick, and gives the tensor's memory back at once.
 */
const VIEWED_FROM = 1 << 20;

/** Views are given back when JavaScript collects them, which it never does in a loop that does not wait: copy if they get to be many. */
const VIEWED_AT_MOST = 256 << 20;

let viewed = 0;

/** The tensors that views look into. They live until their array is collected. */
const tensors = new FinalizationRegistry<{ tensor: Pointer; bytes: number }>(({ tensor, bytes }) => {
  capi().TF_DeleteTensor(tensor);
  viewed -= bytes;
});

/** Bytes of TensorFlow's memory that arrays of JavaScript look into. */
export const viewedBytes = (): number => viewed;

/**
 * Memory whose owner must not change: another thread, or another buffer, would not keep the tensor alive. To another thread Node sends
 * none that is not JavaScript's own; `markAsUntransferable` as well would have Node 24 abort when the process ends.
 */
function pin(buffer: ArrayBuffer): void {
  for (const name of ['transfer', 'transferToFixedLength']) {
    const value = (): never => {
      throw new CredenceError(
        'E_ENGINE',
        'the memory of a tensor cannot be transferred: copy the array first, with slice()',
      );
    };
    Object.defineProperty(buffer, name, { value });
  }
}

function view(tensor: Pointer, data: Pointer, bytes: number): ArrayBuffer {
  const buffer = koffi.view(data, bytes);
  pin(buffer);
  tensors.register(buffer, { tensor, bytes });
  viewed += bytes;
  return buffer;
}

function readStrings(data: Pointer, length: number): Uint8Array[] {
  const c = capi();
  const each = BigInt(bytesPerElement.get(DataType.string)!);
  return Array.from({ length }, (_, i) => {
    const at = data + each * BigInt(i);
    const bytes = new Uint8Array(c.TF_StringGetSize(at));
    if (bytes.length > 0) c.memcpy(bytes, c.TF_StringGetDataPointer(at), bytes.length);
    return bytes;
  });
}

/** The array type for values of a type. @throws CredenceError E_ENGINE if JavaScript has none */
export function readableAs(type: number): NonNullable<ReturnType<typeof arrayType>> {
  const ArrayType = arrayType(type);
  if (ArrayType) return ArrayType;
  throw new CredenceError('E_ENGINE', `values of type ${nameOf(type)} cannot be read`);
}

/**
 * The values of a TF_Tensor, which is freed with them.
 * @param mayView whether a large array may look into the tensor's memory; false where that memory may go before the tensor does
 */
export function takeValues(tensor: Pointer, type: number, mayView: boolean): Values {
  const c = capi();
  let isViewed = false;
  try {
    const [data, bytes] = [c.TF_TensorData(tensor), c.TF_TensorByteSize(tensor)];
    if (type === DataType.string) return readStrings(data, bytes / bytesPerElement.get(type)!);
    const ArrayType = readableAs(type);
    isViewed = mayView && bytes >= VIEWED_FROM && viewed + bytes <= VIEWED_AT_MOST;
    if (isViewed) return new ArrayType(view(tensor, data, bytes));
    const values = new ArrayType(bytes / ArrayType.BYTES_PER_ELEMENT);
    if (bytes > 0) c.memcpy(values, data, bytes);
    return values;
  } finally {
    if (!isViewed) c.TF_DeleteTensor(tensor);
  }
}

/** A function of the C library, called on a thread of its own. */
interface OnAnotherThread {
  async(handle: Pointer, status: Pointer, done: (error: Error | null, tensor: Pointer) => void): void;
}

/** The TF_Tensor behind a TFE_TensorHandle once it is computed, without blocking this thread. The handle must live until then. */
export async function resolveLater(handle: Pointer): Promise<Pointer> {
  const { TFE_TensorHandleResolve } = capi() as unknown as { TFE_TensorHandleResolve: OnAnotherThread };
  const status = new Status();
  try {
    const tensor = await new Promise<Pointer>((resolve, reject) => {
      TFE_TensorHandleResolve.async(handle, status.pointer, (error, result) => {
        if (error) reject(error);
        else resolve(result);
      });
    });
    status.check('a read of a tensor');
    return tensor;
  } finally {
    status.dispose();
  }
}
