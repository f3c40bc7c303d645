import * as v from 'valibot';
import { count, validate } from '../validate';
import { conv2d, type Conv2dOptions } from './conv2d';
import type { Layer } from './layer';
import { printed } from './printed';
import { placesOf } from './windows';

/** Options of `layers.depthwiseConv2d`. */
export interface DepthwiseConv2dOptions extends Omit<Conv2dOptions, 'filters' | 'groups'> {
  /** Filters for each channel. Default 1. */
  multiplier?: number;
}

const options = v.looseObject({ multiplier: v.optional(count(1), 1) });

/**
 * A two-dimensional convolution in which each channel has filters of its own and is seen by no others, [H, W, C] -> [H', W', C
 * multiplier]: outputs c multiplier ... (c + 1) multiplier see channel c. Kernel [height, width, 1, C multiplier].
 * @throws CredenceError as `layers.conv2d`
 */
export function depthwiseConv2d(given: DepthwiseConv2dOptions): Layer {
  const { multiplier, ...rest } = validate(options, given, 'layers.depthwiseConv2d');
  const convolution = (channels: number): Layer =>
    conv2d({
      ...(rest as unknown as DepthwiseConv2dOptions),
      filters: channels * multiplier,
      groups: channels,
    });
  convolution(1); // refuses wrong options before there is an input
  return printed('depthwiseConv2d', [given], {
    name: 'depthwiseConv2d',
    build(inputShape) {
      const { channels } = placesOf(inputShape, [2], 'layers.depthwiseConv2d');
      return convolution(channels).build(inputShape);
    },
  });
}
