/** Who takes part, and how each is started. */
import path from 'node:path';
import { packageRoot } from '../lib/environment';
import type { Config, DeviceKind } from './configs';
import type { Command } from './contender';
import { pinned } from './cores';
import { peerPython } from './peerPackages';
import type { Estimator } from './training';

/** What is the same for all contenders of a measurement. */
export interface Setting {
  threads: number;
  device: DeviceKind;
}

/** Ours, with the estimator it uses; a peer; or the measure of the machine's peak. */
export type Role = { kind: 'ours'; estimator: Estimator } | { kind: 'peer' } | { kind: 'peak' };

export interface Entry {
  name: string;
  role: Role;
  command(setting: Setting, folder: string): Command;
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

/** The same command on as many cores as there are threads. Work for a GPU may use all. */
const onCores = (setting: Setting, command: Command): Command =>
  setting.device === 'cpu' ? pinned(command, setting.threads) : command;

function node(name: string, role: Role, script: string, ...more: string[]): Entry {
  return {
    name,
    role,
    command: (setting, folder) =>
      onCores(setting, {
        program: process.execPath,
        args: [path.join(__dirname, script), folder, ...options(setting), ...more],
        variables: variables(setting),
      }),
  };
}

function python(
  name: string,
  script: string,
  more: (setting: Setting, folder: string) => Record<string, string> = () => ({}),
): Entry {
  return {
    name,
    role: { kind: 'peer' },
    command: (setting, folder) =>
      onCores(setting, {
        program: peerPython,
        args: [path.join(packageRoot, 'bench', 'peers', script), folder, ...options(setting)],
        variables: { ...variables(setting), PYTHONDONTWRITEBYTECODE: '1', ...more(setting, folder) },
      }),
  };
}

const ours = (estimator: Estimator): Entry =>
  node(`Credence, ${estimator}`, { kind: 'ours', estimator }, 'ours.js', '--estimator', estimator);

export const peak: Entry = node('peak', { kind: 'peak' }, 'peak.js');

/** Credence with the estimators that are measured for a configuration. */
export const ourEntries = ({ network }: Config): Entry[] =>
  network.kind === 'mlp' ? [ours('weights'), ours('local')] : [ours('weights')];

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
