/** What convolutions and pooling share: windows that move over images. */
import * as v from 'valibot';
import type { ConvolutionGeometry } from '../engine/tfjs/convolution';
import { CredenceError } from '../errors';
import type { Shape } from '../ndarray';
import { count } from '../validate';

/** One number for both axes, or [height, width]. */
export type Pair = number | readonly [number, number];

/** Zeros around images: enough for ceil(size / stride) outputs ('same'), none ('valid'), or so many on every side. */
export type PaddingOption = 'same' | 'valid' | number;

export const pairOf = (value: Pair): [number, number] =>
  typeof value === 'number' ? [value, value] : [value[0], value[1]];

/** One or two whole numbers of at least `least`. */
export const pair = (least: number) => {
  const rule = `must be a whole number of at least ${least}, or two: [height, width]`;
  return v.union([count(least), v.strictTuple([count(least), count(least)])], rule);
};

const paddingRule = "must be 'same', 'valid' or a whole number of at least 0";
export const paddingOption = v.union([v.picklist(['same', 'valid']), count(0)], paddingRule);

/**
 * Height, width and channels of an image.
 * @throws CredenceError E_SHAPE
 */
export function imageShape(
  inputShape: Shape,
  layer: string,
): [height: number, width: number, channels: number] {
  if (inputShape.length !== 3) {
    throw new CredenceError(
      'E_SHAPE',
      `${layer} needs images of shape [height, width, channels], got [${inputShape.join(', ')}]: give data of shape [N, height, width, channels]`,
    );
  }
  return inputShape as unknown as [number, number, number];
}

export interface Windows {
  /** Of one window, [height, width]. */
  size: readonly [number, number];
  strides: readonly [number, number];
  /** Distance between the places of a window. Default 1: no gaps. */
  dilations?: readonly [number, number];
  padding: PaddingOption;
}

/** Where windows lie. */
export interface Placement extends ConvolutionGeometry {
  /** Zeros to put around the image beforehand, [rows, columns] before and after. */
  zeros: readonly [number, number];
  /** How many windows there are: [height, width] of the output. */
  output: readonly [number, number];
}

/** How many windows cover an axis, and how many zeros that takes before and after: TensorFlow's rule for 'same'. */
function cover(length: number, reach: number, stride: number) {
  const count = Math.ceil(length / stride);
  const zeros = Math.max((count - 1) * stride + reach - length, 0);
  const before = Math.floor(zeros / 2);
  return { count, before, after: zeros - before };
}

/**
 * Where windows lie on an image of this size.
 * @throws CredenceError E_SHAPE if not one window fits
 */
export function place(
  image: readonly [number, number],
  { size, strides, dilations = [1, 1], padding }: Windows,
  layer: string,
): Placement {
  const zeros = typeof padding === 'number' ? padding : 0;
  const axes = ([0, 1] as const).map((axis) => {
    const reach = (size[axis] - 1) * dilations[axis] + 1;
    const count = Math.floor((image[axis] + 2 * zeros - reach) / strides[axis]) + 1;
    const same = cover(image[axis], reach, strides[axis]);
    return { count, same, isSame: same.before === zeros && same.after === zeros };
  });
  if (padding === 'same' || (padding !== 'valid' && axes.every(({ isSame }) => isSame))) {
    const [rows, columns] = axes.map(({ same }) => same.count) as [number, number];
    return { strides, padding: 'same', zeros: [0, 0], output: [rows, columns] };
  }
  const [rows, columns] = axes.map(({ count }) => count) as [number, number];
  if (rows < 1 || columns < 1) {
    const gaps = dilations.some((distance) => distance > 1) ? ` with dilation ${dilations.join(' x ')}` : '';
    throw new CredenceError(
      'E_SHAPE',
      `${layer}: a window of ${size.join(' x ')}${gaps} does not fit into images of ${image.join(' x ')}: make it smaller, or use padding: 'same'`,
    );
  }
  return { strides, padding: 'valid', zeros: [zeros, zeros], output: [rows, columns] };
}
