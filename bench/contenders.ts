/** Who takes part, and how each is started. */
import path from 'node:path';
import { packageRoot } from '../lib/environment';
import type { Config, DeviceKind } from './configs';
import type { Command } from './contender';
import { lastCores, pinned } from './cores';
import { peerPython } from './peerPackages';
import type { Estimator } from './training';

/** What is the same for all contenders of a measurement. */
export interface Setting {
  threads: number;
  device: DeviceKind;
}

/** What one contender is given. */
export interface Place extends Setting {
  /** The cores it is bound to. Default: as many as it has threads. Work for a GPU may use all. */
  cores?: readonly number[];
}

/** Ours, with the estimator it uses; a peer; or the measure of the machine's peak. */
export type Role = { kind: 'ours'; estimator: Estimator } | { kind: 'peer' } | { kind: 'peak' };

export interface Entry {
  name: string;
  role: Role;
  command(place: Place, folder: string): Command;
}

/** Everybody gets as many threads, and no one sees a GPU unless it is about GPUs. */
function variables({ threads, device }: Setting): Record<string, string> {
  const count = String(threads);
  return {
    OMP_NUM_THREADS: count,
    MKL_NUM_THREADS: count,
    OPENBLAS_NUM_THREADS: count,
    ...(device === 'cpu' ? { CUDA_VISIBLE_DEVICES: '-1', JAX_PLATFORMS: 'cpu' } : {}),
  };
}

const options = ({ threads, device }: Setting): string[] => [
  '--threads',
  String(threads),
  '--device',
  device,
];

const onCores = ({ device, threads, cores = lastCores(threads) }: Place, command: Command): Command =>
  device === 'cpu' ? pinned(command, cores) : command;

export function node(name: string, role: Role, script: string, ...more: string[]): Entry {
  return {
    name,
    role,
    command: (place, folder) =>
      onCores(place, {
        program: process.execPath,
        args: [path.join(__dirname, script), folder, ...options(place), ...more],
        variables: variables(place),
      }),
  };
}

export function python(
  name: string,
  script: string,
  more: (setting: Setting, folder: string) => Record<string, string> = () => ({}),
  args: readonly string[] = [],
): Entry {
  return {
    name,
    role: { kind: 'peer' },
    command: (place, folder) =>
      onCores(place, {
        program: peerPython,
        args: [path.join(packageRoot, 'bench', 'peers', script), folder, ...options(place), ...args],
        variables: { ...variables(place), PYTHONDONTWRITEBYTECODE: '1', ...more(place, folder) },
      }),
  };
}

export const ourEntry = (estimator: Estimator, ...more: string[]): Entry =>
  node(`Credence, ${estimator}`, { kind: 'ours', estimator }, 'ours.js', '--estimator', estimator, ...more);

export const peak: Entry = node('peak', { kind: 'peak' }, 'peak.js');

/** Credence with the estimators that are measured for a configuration. */
export const ourEntries = ({ network }: Config): Entry[] =>
  network.kind === 'mlp' ? [ourEntry('weights'), ourEntry('local')] : [ourEntry('weights')];

const oneThread = '--xla_cpu_multi_thread_eigen=false';
const jaxFlags = ({ threads }: Setting): Record<string, string> =>
  threads === 1 ? { XLA_FLAGS: oneThread } : {};

export const TORCH_BLUE = 'torch_blue, Monte Carlo';
export const TORCH_BLUE_CLOSED = 'torch_blue, closed form';

export const peers: readonly Entry[] = [
  python('PyTorch, loop', 'torch_loop.py'),
  python('PyTorch, fused', 'torch_fused.py'),
  python('torch.compile', 'torch_compile.py', (_, folder) => ({
    TORCHINDUCTOR_CACHE_DIR: path.join(folder, 'inductor'), // the first call compiles, as ours does
    TORCHINDUCTOR_COMPILE_THREADS: '1', // no helpers that live on beside the others' turns
  })),
  python(TORCH_BLUE, 'blue.py'),
  python(TORCH_BLUE_CLOSED, 'blue_closed.py'),
  python('JAX', 'jax_jit.py', jaxFlags),
  python('NumPyro', 'numpyro_svi.py', jaxFlags),
];
