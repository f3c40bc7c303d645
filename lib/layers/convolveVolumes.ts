/**
 * Convolutions over depth, height and width as convolutions over height and width, of images that hold in their channels all slices that
 * a filter sees at once: TensorFlow has no groups, and so no filters for each sample, in three dimensions.
 */
import * as tf from '@tensorflow/tfjs';
import { padImages } from './convolve';
import { onImages, reshapeImages } from './sampleChannels';
import type { Placement } from './windows';

type FilterShape = [
  samples: number,
  depth: number,
  height: number,
  width: number,
  channels: number,
  filters: number,
];
type OnImages = (x: tf.Tensor, w: tf.Tensor) => tf.Tensor;

/** Slices first, first + stride, ... of volumes [N, D, H, W, C], `count` of them. There must be `stride` slices for each. */
function everySlice(volumes: tf.Tensor, first: number, count: number, stride: number): tf.Tensor {
  const [batch, , ...slice] = volumes.shape as [number, number, ...number[]];
  const near = tf.slice(volumes, [0, first], [batch, count * stride]);
  if (stride === 1) return near;
  const apart = tf.reshape(near, [batch, count, stride, slice.reduce((a, b) => a * b)]);
  return tf.reshape(tf.slice(apart, [0, 0, 0], [batch, count, 1]), [batch, count, ...slice]);
}

/**
 * Cross-correlation of x [S or 1, B, D, H, W, C] with w [S or 1, kd, kh, kw, C / groups, F] -> [S or 1, B, D', H', W', F].
 * @param convolve that of images [S or 1, N, H, W, kd C] with [S or 1, kh, kw, kd C / groups, F]
 */
export function convolveVolumes(
  x: tf.Tensor,
  w: tf.Tensor,
  { depth, stride, dilation }: { depth: Placement; stride: number; dilation: number },
  convolve: OnImages,
): tf.Tensor {
  const [batch, , ...image] = x.shape.slice(1, -1) as [number, number, number, number];
  const [samples, reach, height, width, channels, filters] = w.shape as unknown as FilterShape;
  const { count, zeros } = depth;
  const none = [0, 0] as const;
  const padded = padImages(x, [[zeros[0], zeros[1] + stride - 1], none, none]);
  /** The slices that filters see at once become channels, those of each group together. */
  const gather = (volumes: tf.Tensor): tf.Tensor => {
    const slices = Array.from({ length: reach }, (_, place) =>
      tf.reshape(everySlice(volumes, place * dilation, count, stride), [-1, channels]),
    );
    const [rows, all] = [volumes.shape[0], volumes.shape.at(-1)!];
    return tf.reshape(tf.concat(slices, 1), [rows, count, ...image, all * reach]);
  };
  const images = reshapeImages(onImages(gather, padded), [batch * count, ...image]);
  const flat = tf.reshape(tf.transpose(w, [0, 2, 3, 1, 4, 5]), [
    samples,
    height,
    width,
    reach * channels,
    filters,
  ]);
  const y = convolve(images, flat);
  return reshapeImages(y, [batch, count, ...y.shape.slice(2, -1)]);
}
