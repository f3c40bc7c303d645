/** Convolutions in which each sample has filters of its own. */
import * as tf from '@tensorflow/tfjs';
import { type ConvolutionGeometry, groupedConvolution, hasGroups } from '../engine/tfjs/convolution';
import { mergeSamples, onImages, splitSamples } from './sampleChannels';
import type { Zeros } from './windows';

type FilterShape = [samples: number, height: number, width: number, channels: number, filters: number];

/** [S, kh, kw, C, F] -> [kh, kw, C, S F], the filters of each group of a sample together. */
export function mergeFilters(w: tf.Tensor): tf.Tensor {
  const [samples, height, width, channels, filters] = w.shape as FilterShape;
  return tf.reshape(tf.transpose(w, [1, 2, 3, 0, 4]), [height, width, channels, samples * filters]);
}

/** Images that all samples share, [1, B, H, W, C], with several groups of filters for each sample. */
function shareGroups(x: tf.Tensor, w: tf.Tensor, geometry: ConvolutionGeometry, groups: number): tf.Tensor {
  const [samples, height, width, channels, filters] = w.shape as FilterShape;
  const each = filters / groups;
  // the samples' filters of a group belong together, since they see the same channels
  const apart = tf.reshape(w, [samples, height, width, channels, groups, each]);
  const joined = tf.reshape(tf.transpose(apart, [1, 2, 3, 4, 0, 5]), [
    height,
    width,
    channels,
    samples * filters,
  ]);
  const y = groupedConvolution(tf.squeeze(x, [0]), joined, geometry);
  const [batch, ...size] = y.shape.slice(0, 3) as [number, number, number];
  const parts = tf.transpose(tf.reshape(y, [batch, ...size, groups, samples, each]), [4, 0, 1, 2, 3, 5]);
  return tf.reshape(parts, [samples, batch, ...size, filters]);
}

/** `convolve` on a backend that has no groups: one convolution after the other. */
export function convolveOneByOne(
  x: tf.Tensor,
  w: tf.Tensor,
  { strides, padding }: ConvolutionGeometry,
  groups: number,
): tf.Tensor {
  // tfjs has no gradient of taking a tensor apart into a single part
  const samplesOf = (all: tf.Tensor): tf.Tensor[] =>
    all.shape[0] === 1 ? [tf.squeeze(all, [0])] : tf.unstack(all);
  const groupsOf = (all: tf.Tensor): tf.Tensor4D[] =>
    groups === 1 ? [all as tf.Tensor4D] : tf.split(all, groups, 3);
  const [images, filters] = [samplesOf(x), samplesOf(w)];
  const outputs = Array.from({ length: Math.max(images.length, filters.length) }, (_, s) => {
    const inputs = groupsOf(images[images.length === 1 ? 0 : s]!);
    const kernels = groupsOf(filters[filters.length === 1 ? 0 : s]!);
    const each = inputs.map((input, g) => tf.conv2d(input, kernels[g]!, [...strides], padding));
    return tf.concat(each, 3);
  });
  return tf.stack(outputs);
}

/**
 * Filters w [S, kh, kw, C, F] with zeros between their places: what a dilated filter is. TensorFlow has no gradient of dilated
 * convolutions on CPUs.
 */
export function dilate(w: tf.Tensor, [down, across]: readonly [number, number]): tf.Tensor {
  if (down === 1 && across === 1) return w;
  const [samples, height, width, channels, filters] = w.shape as FilterShape;
  const apart = tf.reshape(w, [samples * height, 1, width, 1, channels * filters]);
  const none: [number, number] = [0, 0];
  const spread = tf.pad(apart, [none, [0, down - 1], none, [0, across - 1], none]);
  const whole = tf.reshape(spread, [samples, height * down, width * across, channels, filters]);
  const size = [samples, (height - 1) * down + 1, (width - 1) * across + 1, channels, filters];
  return tf.slice(whole, [0, 0, 0, 0, 0], size);
}

/** Applies a function of images [N, H, W, C] to x [S, B, H, W, C]: all samples are one batch. */
export function onBatch(x: tf.Tensor, fn: (images: tf.Tensor) => tf.Tensor): tf.Tensor {
  const [samples, batch, ...image] = x.shape as [number, number, number, number, number];
  const y = fn(tf.reshape(x, [samples * batch, ...image]));
  return tf.reshape(y, [samples, batch, ...y.shape.slice(1)]);
}

/** Zeros before and after each axis of images [S, B, ...places, C]. */
export function padImages(x: tf.Tensor, zeros: readonly Zeros[]): tf.Tensor {
  if (zeros.flat().every((count) => count === 0)) return x;
  const pairs = zeros.map(([before, after]): [number, number] => [before, after]);
  return onImages((images) => tf.pad(images, [[0, 0], ...pairs, [0, 0]]), x);
}

/**
 * Cross-correlation of images x [S or 1, B, H, W, C] with filters w [S or 1, kh, kw, C / groups, F], sample by sample ->
 * [S or 1, B, H', W', F]. Nothing is repeated for the samples: with filters of their own they are groups of channels.
 */
export function convolve(
  x: tf.Tensor,
  w: tf.Tensor,
  geometry: ConvolutionGeometry,
  groups: number,
): tf.Tensor {
  if (!hasGroups()) return convolveOneByOne(x, w, geometry, groups);
  const samples = w.shape[0];
  const images = x.shape[0];
  if (samples === 1) return onBatch(x, (all) => groupedConvolution(all, tf.squeeze(w, [0]), geometry));
  if (images === 1 && groups > 1) return shareGroups(x, w, geometry, groups);
  return splitSamples(groupedConvolution(mergeSamples(x), mergeFilters(w), geometry), samples);
}
