/** What convolutions and pooling share: windows that move over sequences, images and volumes. */
import * as v from 'valibot';
import { CredenceError } from '../errors';
import type { Shape } from '../ndarray';
import { count } from '../validate';

/** One number for all axes, or one for each. */
export type Sizes = number | readonly number[];

/** One number for both axes, or [height, width]. */
export type Pair = number | readonly [number, number];

/** One number for all axes, or [depth, height, width]. */
export type Triple = number | readonly [number, number, number];

/** Zeros around the input: enough for ceil(size / stride) outputs ('same'), none ('valid'), or so many on every side. */
export type PaddingOption = 'same' | 'valid' | number;

/** What inputs of so many axes are called, and what their axes are. */
const kinds = {
  1: { inputs: 'sequences', axes: ['length'], many: 'one' },
  2: { inputs: 'images', axes: ['height', 'width'], many: 'two' },
  3: { inputs: 'volumes', axes: ['depth', 'height', 'width'], many: 'three' },
} as const;
export type Axes = keyof typeof kinds;

/** One number for each axis. */
export const sizesOf = (value: Sizes, axes: number): number[] =>
  typeof value === 'number' ? Array.from({ length: axes }, () => value) : [...value];

export const pairOf = (value: Pair): [number, number] => sizesOf(value, 2) as [number, number];

/** A whole number of at least `least`, or one for each axis. */
export const sizes = <T extends Sizes>(axes: Axes, least: number) => {
  const each = axes === 1 ? '' : `, or ${kinds[axes].many}: [${kinds[axes].axes.join(', ')}]`;
  return v.custom<T>((value) => {
    const list: unknown[] =
      typeof value === 'number' ? sizesOf(value, axes) : Array.isArray(value) ? value : [];
    return list.length === axes && list.every((size) => Number.isInteger(size) && (size as number) >= least);
  }, `must be a whole number of at least ${least}${each}`);
};

/** One or two whole numbers of at least `least`. */
export const pair = (least: number) => sizes<Pair>(2, least);

const paddingRule = "must be 'same', 'valid' or a whole number of at least 0";
export const paddingOption = v.union([v.picklist(['same', 'valid']), count(0)], paddingRule);

/**
 * Lengths of the axes, and channels, of an input that has as many axes as the layer takes.
 * @throws CredenceError E_SHAPE
 */
export function placesOf(
  inputShape: Shape,
  allowed: readonly Axes[],
  layer: string,
): { places: number[]; channels: number } {
  if (!allowed.some((axes) => inputShape.length === axes + 1)) {
    const shapeOf = (axes: Axes): string => [...kinds[axes].axes, 'channels'].join(', ');
    const wanted = allowed.map((axes) => `${kinds[axes].inputs} of shape [${shapeOf(axes)}]`);
    const like = allowed.length > 1 ? ' or the like' : '';
    throw new CredenceError(
      'E_SHAPE',
      `${layer} needs ${wanted.join(' or ')}, got [${inputShape.join(', ')}]: give data of shape [N, ${shapeOf(allowed[0]!)}]${like}`,
    );
  }
  return { places: inputShape.slice(0, -1), channels: inputShape.at(-1)! };
}

/**
 * Height, width and channels of an image.
 * @throws CredenceError E_SHAPE
 */
export function imageShape(
  inputShape: Shape,
  layer: string,
): [height: number, width: number, channels: number] {
  const { places, channels } = placesOf(inputShape, [2], layer);
  return [places[0]!, places[1]!, channels];
}

export interface Windows {
  /** Of one window, along each axis. */
  size: readonly number[];
  strides: readonly number[];
  /** Distance between the places of a window. */
  dilations: readonly number[];
  padding: PaddingOption;
}

/** Zeros before and after an axis. */
export type Zeros = readonly [before: number, after: number];

/** Where windows lie along an axis. */
export interface Placement {
  /** How many there are. */
  count: number;
  zeros: Zeros;
  /** Whether these zeros are those of TensorFlow's padding 'same'. */
  isSame: boolean;
}

/** How many windows cover an axis, and how many zeros that takes before and after: TensorFlow's rule for 'same'. */
function cover(length: number, reach: number, stride: number): { count: number; zeros: Zeros } {
  const count = Math.ceil(length / stride);
  const zeros = Math.max((count - 1) * stride + reach - length, 0);
  const before = Math.floor(zeros / 2);
  return { count, zeros: [before, zeros - before] };
}

/**
 * Where windows lie on axes of these lengths.
 * @throws CredenceError E_SHAPE if not one window fits
 */
export function place(
  lengths: readonly number[],
  { size, strides, dilations, padding }: Windows,
  layer: string,
): Placement[] {
  const placed = lengths.map((length, axis): Placement => {
    const reach = (size[axis]! - 1) * dilations[axis]! + 1;
    const same = cover(length, reach, strides[axis]!);
    if (padding === 'same') return { ...same, isSame: true };
    const zeros = padding === 'valid' ? 0 : padding;
    const count = Math.floor((length + 2 * zeros - reach) / strides[axis]!) + 1;
    return { count, zeros: [zeros, zeros], isSame: same.zeros.every((each) => each === zeros) };
  });
  if (placed.every(({ count }) => count >= 1)) return placed;
  const gaps = dilations.some((distance) => distance > 1) ? ` with dilation ${dilations.join(' x ')}` : '';
  const { inputs } = kinds[lengths.length as Axes];
  throw new CredenceError(
    'E_SHAPE',
    `${layer}: a window of ${size.join(' x ')}${gaps} does not fit into ${inputs} of ${lengths.join(' x ')}: make it smaller, or use padding: 'same'`,
  );
}
