/** What the augmentations make of fixed data, to compare between backends: run in a process of its own for each. */
import { augmentations } from './all';
import { augment, counted } from './augment';

export const evaluate = (): Record<string, number[]> =>
  Object.fromEntries(
    augmentations.map(({ title, list, shape }) => [title, [...augment(list, counted([6, ...shape]))]]),
  );
