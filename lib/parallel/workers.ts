import { availableParallelism } from 'node:os';
import { compiles, devices } from '../engine/tfjs/backend';
import { CredenceError } from '../errors';
import type { Program } from '../inference/method';
import { isSmallProgram, type StepShapes } from './plan';

/** The workers of a run, and the GPU of each (undefined: CPU cores). */
export interface Workers {
  workers: number;
  gpus: readonly number[] | undefined;
}

/**
 * How many workers share the samples of a program: as many as are asked for, or 'all': one for each GPU, or for each core where there is
 * no GPU; but one where a step is so small that waiting for each other would take longer than it saves.
 * @throws CredenceError E_OPTION if there are more workers than samples
 */
export function chooseWorkers(wanted: 'all' | number, program: Program, shapes: StepShapes): Workers {
  const { samples } = program;
  const gpus = devices().filter(({ type }) => type === 'GPU').length;
  if (wanted !== 'all' && wanted > samples) {
    throw new CredenceError(
      'E_OPTION',
      `fit: ${wanted} workers cannot share ${samples} sample${samples === 1 ? '' : 's'}: use at most ${samples} devices, or draw more samples, as in vi({ samples: ${wanted} })`,
    );
  }
  if (!compiles()) return { workers: 1, gpus: undefined }; // what cannot be compiled cannot be sent to other threads
  const all = (): number => {
    const most = Math.min(gpus || availableParallelism(), samples);
    return most > 1 && isSmallProgram(program, shapes) ? 1 : most;
  };
  const workers = wanted === 'all' ? all() : wanted;
  return { workers, gpus: gpus > 0 ? Array.from({ length: workers }, (_, i) => i % gpus) : undefined };
}

/** How many samples each worker draws: as even as it gets. */
export const shareOut = (samples: number, workers: number): number[] =>
  Array.from(
    { length: workers },
    (_, rank) => Math.floor(samples / workers) + (rank < samples % workers ? 1 : 0),
  );
