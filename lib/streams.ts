import { foldIn, type Key, keyOf } from './threefry';

/** What a run needs random numbers for. New purposes go to the end: their places are their numbers. */
const purposes = ['initial weights', 'order of the data', 'noise of a step', 'prediction'] as const;

/** The key of one purpose: independent of those of the others, and fixed by the seed. */
export const streamKey = (seed: number, purpose: (typeof purposes)[number]): Key =>
  foldIn(keyOf(seed), purposes.indexOf(purpose));
