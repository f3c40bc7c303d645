/** What transposed convolutions of sequences, images and volumes share. */
import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { validate } from '../validate';
import { convolveTransposed } from './convolveTransposed';
import { filterEntries, type FilterOptions } from './filters';
import type { Layer } from './layer';
import { linear } from './linear';
import { printed } from './printed';
import { addImages, onImages, reshapeImages } from './sampleChannels';
import { type Axes, type PaddingOption, placesOf, type Sizes, sizesOf } from './windows';

/** What transposed convolutions are told, whatever their axes. */
export interface ConvTransposeOptions<Size extends Sizes> extends FilterOptions<Size> {
  /** Steps of the filters over the output: one number, or one for each axis. Default 1. */
  strides?: Size;
  /**
   * What is cut off the output, as the zeros around the input of the convolution that it transposes. 'same' (default): as much as leaves
   * size * stride places, as TensorFlow; 'valid': nothing, which leaves (size - 1) stride + kernelSize; a number: so many on every side.
   */
  padding?: PaddingOption;
}

/** Along one axis: what the filters cover (or what is kept, if that is more), and which part of it is the output. */
interface Cut {
  covered: number;
  start: number;
  count: number;
  stride: number;
}

function cut(length: number, size: number, stride: number, padding: PaddingOption): Cut {
  const covered = (length - 1) * stride + size;
  if (padding === 'same') {
    const count = length * stride;
    const start = Math.floor(Math.max(covered - count, 0) / 2);
    return { covered: Math.max(covered, count), start, count, stride };
  }
  const start = padding === 'valid' ? 0 : padding;
  return { covered, start, count: covered - 2 * start, stride };
}

/** The part of x [S, B, ...places, C] that is kept. */
function keep(x: tf.Tensor, cuts: readonly Cut[]): tf.Tensor {
  if (cuts.every(({ covered, count }) => covered === count)) return x;
  const starts = cuts.map(({ start }) => start);
  const counts = cuts.map(({ count }) => count);
  return onImages((images) => tf.slice(images, [0, ...starts, 0], [-1, ...counts, -1]), x);
}

/** x [S or 1, B, H, W, C] with w [S or 1, kh, kw, F, C] -> [S or 1, B, H', W', F]. */
function transposeImages(x: tf.Tensor, w: tf.Tensor, cuts: readonly Cut[]): tf.Tensor {
  const [rows, columns] = cuts as readonly [Cut, Cut];
  const size = [rows.covered, columns.covered] as const;
  return keep(convolveTransposed(x, w, size, [rows.stride, columns.stride]), cuts);
}

/** The same of x [S or 1, B, L, C] with w [S or 1, k, F, C]: an image of one row. */
function transposeSequences(x: tf.Tensor, w: tf.Tensor, [columns]: readonly Cut[]): tf.Tensor {
  const [batch, length] = x.shape.slice(1) as [number, number];
  const row: Cut = { covered: 1, start: 0, count: 1, stride: 1 };
  const y = transposeImages(reshapeImages(x, [batch, 1, length]), tf.expandDims(w, 1), [row, columns!]);
  return reshapeImages(y, [batch, columns!.count]);
}

/** Filters w [S, kd, ...] at one place along the depth. */
const filtersAt = (w: tf.Tensor, place: number): tf.Tensor =>
  tf.squeeze(tf.slice(w, [0, place], [w.shape[0], 1]), [1]);

/** Slices [N, D, H, W, C] laid at places 0, stride, ... of `covered`, moved on by `shift`, with zeros between them. */
function spread(volumes: tf.Tensor, { covered, stride }: Cut, shift: number): tf.Tensor {
  const [batch, depth, ...slice] = volumes.shape as [number, number, ...number[]];
  const none: [number, number] = [0, 0];
  const slices = tf.reshape(volumes, [batch, depth, 1, slice.reduce((a, b) => a * b)]);
  const apart = tf.reshape(tf.pad(slices, [none, none, [0, stride - 1], none]), [
    batch,
    depth * stride,
    ...slice,
  ]);
  const span = (depth - 1) * stride + 1; // without the zeros after the last
  const near = tf.slice(apart, 0, [batch, span, ...slice]);
  return tf.pad(near, [none, [shift, covered - span - shift], ...slice.map(() => none)]);
}

/** The same of volumes [S or 1, B, D, H, W, C]: a sum over the places of the filters along the depth. */
function transposeVolumes(x: tf.Tensor, w: tf.Tensor, cuts: readonly Cut[]): tf.Tensor {
  const [batch, depth, ...image] = x.shape.slice(1, -1) as [number, number, number, number];
  const [along, ...across] = cuts as [Cut, Cut, Cut];
  const images = reshapeImages(x, [batch * depth, ...image]);
  const terms = Array.from({ length: w.shape[1]! }, (_, place) => {
    const y = transposeImages(images, filtersAt(w, place), across);
    const volumes = reshapeImages(y, [batch, depth, ...y.shape.slice(2, -1)]);
    return onImages((all) => spread(all, along, place), volumes);
  });
  return keep(addImages(terms), [
    along,
    ...across.map((each) => ({ ...each, covered: each.count, start: 0 })),
  ]);
}

const transposes = { 1: transposeSequences, 2: transposeImages, 3: transposeVolumes } as const;

/**
 * A transposed convolution over so many axes, channels last: [...places, C] -> [...places', filters]: what a convolution of its outputs
 * does to gradients. Kernel [...size, filters, C].
 */
export function convTransposeLayer<Size extends Sizes>(
  name: string,
  axes: Axes,
  given: ConvTransposeOptions<Size>,
): Layer {
  const what = `layers.${name}`;
  const { filters, kernelSize, strides, padding, ...settings } = validate(
    v.strictObject(filterEntries<Size>(axes)),
    given,
    what,
  );
  const [size, steps] = [sizesOf(kernelSize, axes), sizesOf(strides, axes)];
  return printed(name, [given], {
    name,
    build(inputShape) {
      const { places, channels } = placesOf(inputShape, [axes], what);
      const cuts = places.map((length, axis) => cut(length, size[axis]!, steps[axis]!, padding));
      if (cuts.some(({ count }) => count < 1)) {
        throw new CredenceError(
          'E_SHAPE',
          `${what}: padding ${padding} cuts off all of the ${cuts.map(({ covered }) => covered).join(' x ')} outputs of ${places.join(' x ')} places: use a smaller one`,
        );
      }
      // each output sums over the places whose filters reach it
      const reached = size.map((length, axis) => Math.ceil(length / steps[axis]!));
      const kernel = {
        shape: [...size, filters, channels],
        fanIn: channels * reached.reduce((a, b) => a * b),
      };
      const transposed = (x: tf.Tensor, w: tf.Tensor): tf.Tensor => transposes[axes](x, w, cuts);
      return linear(transposed, kernel, [...cuts.map(({ count }) => count), filters], settings);
    },
  });
}
