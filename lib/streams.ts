import { foldIn, type Key, keyOf } from './threefry';

/** What a run needs random numbers for. New purposes go to the end: their places are their numbers. */
const purposes = ['initial weights', 'order of the data', 'noise of a step', 'prediction'] as const;

/** The key of one purpose: independent of those of the others, and fixed by the seed. */
export const streamKey = (seed: number, purpose: (typeof purposes)[number]): Key =>
  foldIn(keyOf(seed), purposes.indexOf(purpose));

/**
 * Keys of the noise of one step: for each stream (one for each tensor of noise) and sample, [streams, samples, 2] words.
 * @param firstSample the number of the first sample, counted over all workers
 */
export function noiseKeys(
  key: Key,
  step: number,
  { streams, samples, firstSample }: { streams: number; samples: number; firstSample: number },
): Int32Array {
  const keys = new Int32Array(2 * streams * samples);
  const ofStep = foldIn(key, step);
  for (let stream = 0; stream < streams; stream++) {
    const ofStream = foldIn(ofStep, stream);
    for (let sample = 0; sample < samples; sample++) {
      keys.set(foldIn(ofStream, firstSample + sample), 2 * (stream * samples + sample));
    }
  }
  return keys;
}
