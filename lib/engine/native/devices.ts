import os from 'node:os';
import { capi, type Pointer } from './capi';
import { cudaDevices } from './cuda';
import { bytesField, numberField } from './protobuf';
import type { Status } from './status';

/** A processor to compute on. */
export interface Device {
  /** TensorFlow's name of it: '/job:localhost/replica:0/task:0/device:GPU:0'. */
  name: string;
  type: 'CPU' | 'GPU';
  /** What its maker calls it: 'NVIDIA H100 80GB HBM3'. */
  model: string;
  /** Bytes of memory that may be used: all of the machine's for a CPU, what TensorFlow may take of a GPU's. */
  memory: number;
  /** What a GPU can do, in NVIDIA's numbering: '9.0'. */
  computeCapability?: string;
}

const encoder = new TextEncoder();

/**
 * ConfigProto: threads, and GPU memory that grows on demand (the same in every context of the process, or CUDA refuses).
 * @param cpus into how many CPU devices TensorFlow divides the processor: to test with what takes several devices
 */
export function configuration(threads: number, cpus = 1): Uint8Array {
  const growing = numberField(4, 1); // GPUOptions.allow_growth
  return Uint8Array.from([
    ...numberField(2, threads), // intra_op_parallelism_threads
    ...numberField(5, 1), // inter_op_parallelism_threads
    ...numberField(7, 1), // allow_soft_placement
    ...bytesField(6, growing), // gpu_options
    ...bytesField(1, [...bytesField(1, encoder.encode('CPU')), ...numberField(2, cpus)]), // device_count
  ]);
}

/** The CPU of this machine. (TensorFlow says that a CPU has 256 MB of memory, whatever there is.) */
export function processor(name: string): Device {
  const model = os.cpus()[0]?.model.trim() ?? '';
  const limit = process.constrainedMemory(); // of a container; 0 or more than there is where there is none
  const total = os.totalmem();
  return {
    name,
    type: 'CPU',
    model: model === '' ? process.arch : model,
    memory: Math.min(total, limit || total),
  };
}

/** The CPUs and GPUs of a context. */
export function listDevices(context: Pointer, status: Status): Device[] {
  const c = capi();
  const list = c.TFE_ContextListDevices(context, status.pointer);
  status.check('a list of devices');
  const found: Device[] = [];
  let gpus = 0;
  for (let i = 0; i < c.TF_DeviceListCount(list); i++) {
    const name = c.TF_DeviceListName(list, i, status.pointer);
    const type = c.TF_DeviceListType(list, i, status.pointer);
    if (type === 'CPU') found.push(processor(name));
    if (type !== 'GPU') continue;
    const memory = Number(c.TF_DeviceListMemoryBytes(list, i, status.pointer));
    found.push({ name, type, memory, ...(cudaDevices()[gpus++] ?? { model: 'GPU' }) });
  }
  c.TF_DeleteDeviceList(list);
  return found;
}
