import { ndarray, type NdArray } from '../ndarray';

/**
 * Mean and standard deviation of each channel (the last axis) of inputs [N, ..., C], for `layers.normalize`. A constant channel has the
 * standard deviation 1, so that it is only centred.
 */
export function standardization(x: NdArray): { mean: number[]; std: number[] } {
  const channels = x.shape.at(-1)!;
  const each = x.length / channels;
  const mean = new Array<number>(channels).fill(0);
  const variance = new Array<number>(channels).fill(0);
  for (let i = 0; i < x.length; i++) mean[i % channels]! += x[i]! / each;
  for (let i = 0; i < x.length; i++) variance[i % channels]! += (x[i]! - mean[i % channels]!) ** 2 / each;
  return { mean, std: variance.map((value) => Math.sqrt(value) || 1) };
}

/** Inputs [N, ..., C] less the mean of their channel, in its standard deviations. */
export function standardize(
  x: NdArray,
  { mean, std }: { mean: readonly number[]; std: readonly number[] },
): NdArray<Float32Array> {
  const channels = x.shape.at(-1)!;
  return ndarray(
    Float32Array.from(x, (value, i) => (value - mean[i % channels]!) / std[i % channels]!),
    x.shape,
  );
}
