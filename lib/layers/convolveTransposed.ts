/** Transposed convolutions in which each sample has filters of its own. */
import * as tf from '@tensorflow/tfjs';
import { groupedTransposedConvolution, hasGroups } from '../engine/tfjs/convolution';
import { mergeFilters, onBatch } from './convolve';
import { mergeSamples, splitSamples } from './sampleChannels';

type Two = readonly [number, number];

/** `convolveTransposed` on a backend that has no groups: one after the other. */
export function convolveTransposedOneByOne(x: tf.Tensor, w: tf.Tensor, size: Two, strides: Two): tf.Tensor {
  const at = (all: tf.Tensor, s: number): tf.Tensor =>
    all.shape[0] === 1 ? tf.squeeze(all, [0]) : tf.squeeze(tf.slice(all, s, 1), [0]);
  const outputs = Array.from({ length: Math.max(x.shape[0], w.shape[0]) }, (_, s) => {
    const [images, filters] = [at(x, s) as tf.Tensor4D, at(w, s) as tf.Tensor4D];
    const shape = [images.shape[0], ...size, filters.shape[2]] as [number, number, number, number];
    return tf.conv2dTranspose(images, filters, shape, [...strides], 'valid');
  });
  return tf.stack(outputs);
}

/** [S, kh, kw, F, C] -> [kh, kw, S F, C]: the filters of all samples, for channels that they share. */
function joinFilters(w: tf.Tensor): tf.Tensor {
  const [samples, height, width, filters, channels] = w.shape as [number, number, number, number, number];
  return tf.reshape(tf.transpose(w, [1, 2, 0, 3, 4]), [height, width, samples * filters, channels]);
}

/**
 * Each number of images x [S or 1, B, H, W, C], times filters w [S or 1, kh, kw, F, C], is added to the outputs from (row, column) times
 * strides on -> [S or 1, B, ...size, F]: the gradient of a convolution of such outputs without padding.
 * @param size of the outputs: what is covered, or up to a stride more
 */
export function convolveTransposed(x: tf.Tensor, w: tf.Tensor, size: Two, strides: Two): tf.Tensor {
  if (!hasGroups()) return convolveTransposedOneByOne(x, w, size, strides);
  const samples = w.shape[0];
  const transposed = (images: tf.Tensor, filters: tf.Tensor, groups: number): tf.Tensor =>
    groupedTransposedConvolution(images, filters, size, groups, { strides, padding: 'valid' });
  if (samples === 1) return onBatch(x, (all) => transposed(all, tf.squeeze(w, [0]), 1));
  return x.shape[0] === 1
    ? splitSamples(transposed(tf.squeeze(x, [0]), joinFilters(w), 1), samples)
    : splitSamples(transposed(mergeSamples(x), mergeFilters(w), samples), samples);
}
