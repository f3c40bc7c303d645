import { capi, type Pointer } from './capi';
import { bytesField, numberField } from './protobuf';
import type { Status } from './status';

/** A processor that TensorFlow can compute on. */
export interface Device {
  /** TensorFlow's name of it: '/job:localhost/replica:0/task:0/device:GPU:0'. */
  name: string;
  type: 'CPU' | 'GPU';
  /** Bytes of memory, as TensorFlow may use it. */
  memory: number;
}

const encoder = new TextEncoder();

/** ConfigProto: threads, and GPU memory that grows on demand (the same in every context of the process, or CUDA refuses). */
export function configuration(threads: number): Uint8Array {
  const growing = numberField(4, 1); // GPUOptions.allow_growth
  return Uint8Array.from([
    ...numberField(2, threads), // intra_op_parallelism_threads
    ...numberField(5, 1), // inter_op_parallelism_threads
    ...numberField(7, 1), // allow_soft_placement
    ...bytesField(6, growing), // gpu_options
    ...bytesField(1, [...bytesField(1, encoder.encode('CPU')), ...numberField(2, 1)]), // device_count
  ]);
}

/** The CPUs and GPUs of a context. */
export function listDevices(context: Pointer, status: Status): Device[] {
  const c = capi();
  const list = c.TFE_ContextListDevices(context, status.pointer);
  status.check('a list of devices');
  const devices = Array.from({ length: c.TF_DeviceListCount(list) }, (_, i) => ({
    name: c.TF_DeviceListName(list, i, status.pointer),
    type: c.TF_DeviceListType(list, i, status.pointer) as Device['type'],
    memory: Number(c.TF_DeviceListMemoryBytes(list, i, status.pointer)),
  }));
  c.TF_DeleteDeviceList(list);
  return devices.filter(({ type }) => type === 'CPU' || type === 'GPU');
}
