import { availableParallelism } from 'node:os';
import { compiles, devices } from '../engine/tfjs/backend';
import { CredenceError } from '../errors';

/** The workers of a run, and the GPU of each (undefined: CPU cores). */
export interface Workers {
  workers: number;
  gpus: readonly number[] | undefined;
}

/**
 * How many workers share the samples: one for each GPU, or for each core where there is no GPU, or as many as are asked for.
 * @throws CredenceError E_OPTION if there are more workers than samples
 */
export function chooseWorkers(wanted: 'all' | number, samples: number): Workers {
  const gpus = devices().filter(({ type }) => type === 'GPU').length;
  const workers = wanted === 'all' ? Math.min(gpus || availableParallelism(), samples) : wanted;
  if (workers > samples) {
    throw new CredenceError(
      'E_OPTION',
      `fit: ${workers} workers cannot share ${samples} sample${samples === 1 ? '' : 's'}: use at most ${samples} devices, or draw more samples, as in vi({ samples: ${workers} })`,
    );
  }
  if (!compiles()) return { workers: 1, gpus: undefined }; // what cannot be compiled cannot be sent to other threads
  return { workers, gpus: gpus > 0 ? Array.from({ length: workers }, (_, i) => i % gpus) : undefined };
}

/** How many samples each worker draws: as even as it gets. */
export const shareOut = (samples: number, workers: number): number[] =>
  Array.from(
    { length: workers },
    (_, rank) => Math.floor(samples / workers) + (rank < samples % workers ? 1 : 0),
  );
