/** What convolutions of sequences, images and volumes share. */
import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { count, validate } from '../validate';
import { convolve, dilate, padImages } from './convolve';
import { convolveVolumes } from './convolveVolumes';
import { filterEntries, type FilterOptions } from './filters';
import type { Layer } from './layer';
import { linear } from './linear';
import { printed } from './printed';
import { reshapeImages } from './sampleChannels';
import {
  type Axes,
  type PaddingOption,
  place,
  type Placement,
  placesOf,
  type Sizes,
  sizes,
  sizesOf,
} from './windows';

/** What convolutions are told, whatever their axes. */
export interface ConvOptions<Size extends Sizes> extends FilterOptions<Size> {
  /** Steps of the filters over the input: one number, or one for each axis. Default 1. */
  strides?: Size;
  /**
   * Zeros around the input. 'same' (default): enough for outputs of ceil(size / stride), as TensorFlow; 'valid': none; a number: so
   * many on every side.
   */
  padding?: PaddingOption;
  /** Distance between the places that a filter sees. Default 1: no gaps. */
  dilation?: Size;
  /** Into how many groups the channels are split, each with filters of its own. Default 1. */
  groups?: number;
}

const optionsOf = <Size extends Sizes>(axes: Axes) =>
  v.strictObject({
    ...filterEntries<Size>(axes),
    dilation: v.optional(sizes<Sizes>(axes, 1), 1),
    groups: v.optional(count(1), 1),
  });

/** How filters move over an input of one, two or three axes. */
interface Movement {
  placed: readonly Placement[];
  strides: readonly number[];
  dilations: readonly number[];
  groups: number;
}

/** Cross-correlation of x [S or 1, B, H, W, C] with w [S or 1, kh, kw, C / groups, F]. */
function convolveImages(
  x: tf.Tensor,
  w: tf.Tensor,
  { placed, strides, dilations, groups }: Movement,
): tf.Tensor {
  // TensorFlow pads by itself where it would pad as much
  const isSame = placed.every(({ isSame }) => isSame);
  const padded = isSame ? x : padImages(x, placed.map(({ zeros }) => zeros)); // prettier-ignore
  const geometry = { strides: [strides[0]!, strides[1]!], padding: isSame ? 'same' : 'valid' } as const;
  return convolve(padded, dilate(w, [dilations[0]!, dilations[1]!]), geometry, groups);
}

/** The same of x [S or 1, B, L, C] with w [S or 1, k, C / groups, F]: an image of one row. */
function convolveSequences(x: tf.Tensor, w: tf.Tensor, movement: Movement): tf.Tensor {
  const { placed, strides, dilations, groups } = movement;
  const [batch, length] = x.shape.slice(1) as [number, number];
  const row: Placement = { count: 1, zeros: [0, 0], isSame: true };
  const y = convolveImages(reshapeImages(x, [batch, 1, length]), tf.expandDims(w, 1), {
    placed: [row, ...placed],
    strides: [1, ...strides],
    dilations: [1, ...dilations],
    groups,
  });
  return reshapeImages(y, [batch, placed[0]!.count]);
}

const convolutions = {
  1: convolveSequences,
  2: convolveImages,
  3: (x: tf.Tensor, w: tf.Tensor, { placed, strides, dilations, groups }: Movement): tf.Tensor =>
    convolveVolumes(x, w, { depth: placed[0]!, stride: strides[0]!, dilation: dilations[0]! }, (x, w) =>
      convolveImages(x, w, {
        placed: placed.slice(1),
        strides: strides.slice(1),
        dilations: dilations.slice(1),
        groups,
      }),
    ),
} as const;

/**
 * A convolution over so many axes (as everywhere in deep learning: a cross-correlation), channels last: [...places, C] ->
 * [...places', filters]. Kernel [...size, C / groups, filters].
 */
export function convLayer<Size extends Sizes>(name: string, axes: Axes, given: ConvOptions<Size>): Layer {
  const what = `layers.${name}`;
  const { filters, kernelSize, strides, padding, dilation, groups, ...settings } = validate(
    optionsOf<Size>(axes),
    given,
    what,
  );
  if (filters % groups !== 0) {
    throw new CredenceError(
      'E_OPTION',
      `${what}: option 'filters' must be a multiple of 'groups' (${groups}), got ${filters}`,
    );
  }
  const windows = {
    size: sizesOf(kernelSize, axes),
    strides: sizesOf(strides, axes),
    dilations: sizesOf(dilation, axes),
    padding,
  };
  return printed(name, [given], {
    name,
    build(inputShape) {
      const { places, channels } = placesOf(inputShape, [axes], what);
      if (channels % groups !== 0) {
        throw new CredenceError(
          'E_SHAPE',
          `${what} cannot split ${channels} channels into ${groups} groups: option 'groups' must divide them`,
        );
      }
      const placed = place(places, windows, what);
      const kernel = {
        shape: [...windows.size, channels / groups, filters],
        fanIn: (windows.size.reduce((a, b) => a * b) * channels) / groups,
      };
      const movement = { placed, strides: windows.strides, dilations: windows.dilations, groups };
      const convolution = (x: tf.Tensor, w: tf.Tensor): tf.Tensor => convolutions[axes](x, w, movement);
      return linear(convolution, kernel, [...placed.map(({ count }) => count), filters], settings);
    },
  });
}
