/** Convolutions and pooling of Keras. */
import * as v from 'valibot';
import * as layers from '../layers';
import type { ActivationName } from '../layers';
import type { Layer } from '../layers/layer';
import { ndarray, type NdArray } from '../ndarray';
import { count } from '../validate';
import {
  activation,
  biased,
  type Config,
  type Converted,
  only,
  read,
  sizes,
  type Take,
  yes,
} from './kerasSettings';

/** Settings of windows that move. */
const moving = {
  strides: v.nullish(sizes, [1]),
  padding: v.nullish(v.picklist(['same', 'valid'], "can only be 'same' or 'valid'"), 'valid'),
  data_format: only('channels_last'),
};
const convolution = {
  ...moving,
  kernel_size: sizes,
  dilation_rate: v.nullish(sizes, [1]),
  activation,
  use_bias: yes,
};

/** One number of equal ones, as options here have it. */
const one = (list: readonly number[]): number | readonly number[] =>
  list.every((each) => each === list[0]) ? list[0]! : list;

/** Options of a convolution here. */
const asConvolution = (given: {
  kernel_size: number[];
  strides: number[];
  dilation_rate: number[];
  padding: 'same' | 'valid';
  activation: ActivationName;
  use_bias: boolean;
}) => ({
  kernelSize: one(given.kernel_size) as number,
  strides: one(given.strides) as number,
  dilation: one(given.dilation_rate) as number,
  padding: given.padding,
  activation: given.activation,
  bias: given.use_bias,
  bayesian: false,
});

/** A convolution without frills. */
export const conv =
  (make: (options: layers.Conv1dOptions & layers.Conv2dOptions & layers.Conv3dOptions) => Layer) =>
  (config: Config, take: Take): Converted => {
    const schema = v.object({ ...convolution, filters: count(1), groups: v.nullish(count(1), 1) });
    const { filters, groups, ...rest } = read(schema, config);
    const layer = make({ ...asConvolution(rest), filters, groups });
    return { layer, weights: { kernel: take('kernel'), ...biased(rest.use_bias, take) } };
  };

/** [h, w, C, m] -> [h, w, 1, C m]: the same numbers in the same order. */
function perChannel(kernel: NdArray): NdArray {
  const [height, width, channels, multiplier] = kernel.shape as [number, number, number, number];
  return ndarray(Float32Array.from(kernel), [height, width, 1, channels * multiplier]);
}

/** Filters of each channel: TensorFlow.js does not always write 'depth_multiplier'. */
const multiplierOf = (kernel: NdArray): number => kernel.shape[3] ?? 1;

export function depthwiseConv2d(config: Config, take: Take): Converted {
  const options = read(v.object(convolution), config);
  const kernel = take('depthwise_kernel');
  return {
    layer: layers.depthwiseConv2d({ ...asConvolution(options), multiplier: multiplierOf(kernel) }),
    weights: { kernel: perChannel(kernel), ...biased(options.use_bias, take) },
  };
}

export function separableConv2d(config: Config, take: Take): Converted {
  const { filters, ...options } = read(v.object({ ...convolution, filters: count(1) }), config);
  const kernel = take('depthwise_kernel');
  return {
    layer: layers.separableConv2d({ ...asConvolution(options), multiplier: multiplierOf(kernel), filters }),
    weights: {
      'depthwise.kernel': perChannel(kernel),
      'pointwise.kernel': take('pointwise_kernel'),
      ...(options.use_bias && { 'pointwise.bias': take('bias') }),
    },
  };
}

export const pool =
  (make: (options: layers.PoolOptions) => Layer) =>
  (config: Config): Converted => {
    const { pool_size, strides, padding } = read(
      v.object({ ...moving, pool_size: sizes, strides: v.nullish(sizes) }),
      config,
    );
    return { layer: make({ poolSize: one(pool_size), strides: one(strides ?? pool_size), padding }) };
  };
