import { type Augmentation, jitter, randomCrop, randomFlip, scale } from '../../lib/augmentations';

interface Case {
  title: string;
  list: readonly Augmentation[];
  shape: number[];
}

/** Every augmentation, and what they are in a row. */
export const augmentations: readonly Case[] = [
  { title: 'randomCrop', list: [randomCrop({ padding: 2 })], shape: [5, 4, 3] },
  { title: 'randomFlip', list: [randomFlip()], shape: [5, 4, 3] },
  { title: 'jitter, [T]', list: [jitter({ std: 0.5 })], shape: [7] },
  { title: 'jitter, [T, C]', list: [jitter({ std: 0.5 })], shape: [6, 3] },
  { title: 'scale, [T]', list: [scale({ std: 0.5 })], shape: [7] },
  { title: 'scale, [T, C]', list: [scale({ std: 0.5 })], shape: [6, 3] },
  { title: 'crop and flip', list: [randomCrop({ padding: 1 }), randomFlip()], shape: [4, 4, 1] },
  { title: 'scale and jitter', list: [scale({ std: 0.1 }), jitter({ std: 0.5 })], shape: [6, 2] },
];
