/** What the loaders of image data sets share: their options, and the choice of some of the images. */
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { count } from '../validate';
import type { ClassificationData } from './digits';
import { downloadEntries, type DownloadOptions } from './download';

/** Options of `data.cifar10`, `data.mnist` and `data.fashionMnist`. */
export interface ImageOptions extends DownloadOptions {
  /** How many training images, taken evenly from all that there are. Default: all. */
  train?: number;
  /** The same for test images. */
  test?: number;
}

/** Labelled images, x [N, height, width, channels] in [0, 1]. */
export interface ImageData extends ClassificationData {
  /** What each label means. */
  classNames: readonly string[];
  /** Images in the data folder. */
  available: { train: number; test: number };
}

export const imageEntries = (home: string) => ({
  train: v.optional(count(1)),
  test: v.optional(count(1)),
  ...downloadEntries(home),
});

/** How many images to read. @throws CredenceError E_OPTION if there are not so many */
export function howMany(
  wanted: number | undefined,
  available: number,
  option: 'train' | 'test',
  call: string,
  folder: string,
): number {
  if (wanted !== undefined && wanted > available) {
    throw new CredenceError(
      'E_OPTION',
      `${call}: option '${option}' must be at most ${available}, the number of images in ${folder}, got ${wanted}`,
    );
  }
  return wanted ?? available;
}

/** Which of `all` images the i-th of `wanted` is, if they are taken evenly. */
export const spread = (i: number, wanted: number, all: number): number => Math.floor((i * all) / wanted);
