/** Where and with what a measurement was made. */
import os from 'node:os';
import { devices, tensorflowVersion } from '../lib';
import type { Setting } from './contenders';
import { canPin } from './cores';

export interface Machine {
  date: string;
  cpu: string;
  cores: number;
  memoryGiB: number;
  gpu: string | null;
  system: string;
  /** Whether each contender was bound to as many cores as it had threads. */
  pinned: boolean;
  versions: Record<string, string>;
}

export function machine({ device }: Setting): Machine {
  const gpu = device === 'gpu' ? devices().find(({ type }) => type === 'GPU') : undefined;
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: os.cpus()[0]?.model.trim() ?? os.arch(),
    cores: os.availableParallelism(),
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    gpu: gpu ? `${gpu.model}, compute capability ${gpu.computeCapability ?? 'unknown'}` : null,
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    pinned: device === 'cpu' && canPin,
    versions: { node: process.versions.node, tensorflow: tensorflowVersion() },
  };
}
