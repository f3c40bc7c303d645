import { CredenceError } from '../../errors';
import { capi, cString, type Pointer } from './capi';
import { configuration, type Device, listDevices } from './devices';
import { loadLibraries, quietly } from './library';
import type { Status } from './status';

export interface ContextOptions {
  /** The device that operations run on: its index among the GPUs, or undefined for the CPU. */
  gpu?: number;
  /** Without a GPU: the index of the CPU device that operations run on. Default 0, the only one. */
  cpu?: number;
  /** CPU devices that TensorFlow makes of the processor, to test what takes several. Default 1. */
  virtualDevices?: number;
  /** Threads that one operation may use on the CPU. */
  threads?: number;
  /**
   * Operations return before they are computed, and what goes wrong is an error of the next read. Default false; a GPU computes beside
   * JavaScript either way.
   */
  asynchronous?: boolean;
}

/** A TFE_Context, and the one of its devices that operations run on. Plain data, which any thread of the process may use. */
export interface NativeContext {
  readonly pointer: Pointer;
  readonly devices: readonly Device[];
  readonly device: Device;
  /** The name of the device in C memory, or null where placement needs no help: there is one CPU alone. */
  readonly deviceName: Pointer | null;
  readonly asynchronous: boolean;
}

/** @throws CredenceError E_ENGINE if there is no such device */
export function createContext(
  { gpu, cpu = 0, virtualDevices, threads = 1, asynchronous = false }: ContextOptions,
  status: Status,
): NativeContext {
  const c = capi();
  const options = c.TFE_NewContextOptions();
  const config = configuration(threads, virtualDevices);
  c.TFE_ContextOptionsSetConfig(options, config, config.length, status.pointer);
  if (asynchronous) c.TFE_ContextOptionsSetAsync(options, 1);
  const pointer = quietly(loadLibraries().c, () => c.TFE_NewContext(options, status.pointer));
  c.TFE_DeleteContextOptions(options);
  status.check('a new context');
  const devices = listDevices(pointer, status);
  const [type, index] = gpu === undefined ? ['CPU', cpu] : ['GPU', gpu];
  const candidates = devices.filter((device) => device.type === type);
  const device = candidates[index];
  if (!device) {
    c.TFE_DeleteContext(pointer);
    throw new CredenceError(
      'E_ENGINE',
      `there is no ${type} ${index}: TensorFlow sees ${candidates.length} ${type}s`,
    );
  }
  const deviceName = devices.length > 1 ? cString(device.name) : null;
  return { pointer, devices, device, deviceName, asynchronous };
}
