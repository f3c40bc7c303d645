import os from 'node:os';
import { CredenceError } from '../../errors';
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

/** GPUs of a machine, at most. */
const MOST_GPUS = 64;

/**
 * How many GPUs the processor plays (`CREDENCE_VIRTUAL_GPUS`), in place of those that there are: each has memory of its own, as far as
 * Credence can tell. With them, all that is said to several GPUs can be tried where there is none.
 * @throws CredenceError E_OPTION
 */
export function virtualGpus(): number {
  const wanted = process.env['CREDENCE_VIRTUAL_GPUS'];
  if (wanted === undefined || wanted === '') return 0;
  const count = Number(wanted);
  if (Number.isInteger(count) && count >= 0 && count <= MOST_GPUS) return count;
  throw new CredenceError(
    'E_OPTION',
    `CREDENCE_VIRTUAL_GPUS must be a whole number up to ${MOST_GPUS}, got '${wanted}'`,
  );
}

/** ConfigProto: threads, and GPU memory that grows on demand (the same in every context of the process, or CUDA refuses). */
export function configuration(threads: number): Uint8Array {
  const drivers = Math.max(1, virtualGpus() || cudaDevices().length); // contexts beside each other have one for each GPU
  const growing = numberField(4, 1); // GPUOptions.allow_growth
  return Uint8Array.from([
    ...numberField(2, threads), // intra_op_parallelism_threads
    ...numberField(5, drivers), // inter_op_parallelism_threads
    ...numberField(7, 1), // allow_soft_placement
    ...bytesField(6, growing), // gpu_options
    ...bytesField(1, [...bytesField(1, encoder.encode('CPU')), ...numberField(2, 1 + virtualGpus())]), // device_count
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

const virtual = (cpu: Device): Device => ({ ...cpu, type: 'GPU', model: `virtual GPU (${cpu.model})` });

/** The CPU and the GPUs of a context. */
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
  if (virtualGpus() === 0) return found;
  const [host, ...others] = found.filter(({ type }) => type === 'CPU');
  return [host!, ...others.map(virtual)];
}
