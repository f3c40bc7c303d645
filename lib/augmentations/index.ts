/** Random changes of the inputs, made anew in every step: flips, shifts and noise that leave the target as it is. */
export type { Augmentation, BuiltAugmentation } from './augmentation';
export { augmenter } from './augmenter';
export { jitter, type JitterOptions } from './jitter';
export { randomCrop, type RandomCropOptions } from './randomCrop';
export { randomFlip, type RandomFlipOptions } from './randomFlip';
export { scale, type ScaleOptions } from './scale';
