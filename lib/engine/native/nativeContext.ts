import { CredenceError } from '../../errors';
import { capi, cString, type Pointer } from './capi';
import { configuration, type Device, listDevices } from './devices';
import { loadLibraries, quietly } from './library';
import type { Status } from './status';

export interface ContextOptions {
  /** The device that operations run on: its index among the GPUs, 'first' for the first GPU if there is one, or undefined for the CPU. */
  gpu?: number | 'first';
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
  /** Contexts of the thread that made it which have it in common: the last one deletes it. */
  readonly users: { count: number };
}

/** @throws CredenceError E_ENGINE if there is no such device */
export function createContext(
  { gpu, threads = 1, asynchronous = false }: ContextOptions,
  status: Status,
): NativeContext {
  const c = capi();
  const options = c.TFE_NewContextOptions();
  const config = configuration(threads);
  c.TFE_ContextOptionsSetConfig(options, config, config.length, status.pointer);
  if (asynchronous) c.TFE_ContextOptionsSetAsync(options, 1);
  const pointer = quietly(loadLibraries().c, () => c.TFE_NewContext(options, status.pointer));
  c.TFE_DeleteContextOptions(options);
  status.check('a new context');
  try {
    const devices = listDevices(pointer, status);
    return { pointer, devices, ...placed(devices, gpu), asynchronous, users: { count: 1 } };
  } catch (error) {
    c.TFE_DeleteContext(pointer);
    throw error;
  }
}

/** The same with another device. @throws CredenceError E_ENGINE if there is none */
export function siblingOf(native: NativeContext, gpu: ContextOptions['gpu']): NativeContext {
  const sibling = { ...native, ...placed(native.devices, gpu) };
  native.users.count++;
  return sibling;
}

function placed(
  devices: readonly Device[],
  gpu: ContextOptions['gpu'],
): Pick<NativeContext, 'device' | 'deviceName'> {
  const type = gpu === undefined ? 'CPU' : 'GPU';
  const index = typeof gpu === 'number' ? gpu : 0;
  const candidates = devices.filter((device) => device.type === type);
  const device = candidates[index] ?? (gpu === 'first' ? devices[0] : undefined);
  if (!device) {
    throw new CredenceError(
      'E_ENGINE',
      `there is no ${type} ${index}: TensorFlow sees ${candidates.length} ${type}s`,
    );
  }
  return { device, deviceName: devices.length > 1 ? cString(device.name) : null };
}
