import { chain } from './chain';
import { conv2d, type Conv2dOptions } from './conv2d';
import { depthwiseConv2d, type DepthwiseConv2dOptions } from './depthwiseConv2d';
import type { Layer } from './layer';
import { printed } from './printed';

/** Options of `layers.separableConv2d`. */
export type SeparableConv2dOptions = Pick<Conv2dOptions, 'filters'> & DepthwiseConv2dOptions;

/**
 * A separable convolution (Chollet 2017), [H, W, C] -> [H', W', filters]: a depthwise one, then one of 1 x 1 over all channels, which
 * has the bias and the activation. Parameters: 'depthwise.kernel', 'pointwise.kernel', 'pointwise.bias'.
 * @throws CredenceError as `layers.conv2d`
 */
export function separableConv2d(given: SeparableConv2dOptions): Layer {
  const { filters, activation, bias, ...options } = given;
  const { bayesian } = options;
  const layer = chain('separableConv2d', [
    { name: 'depthwise', layer: depthwiseConv2d({ ...options, bias: false }) },
    { name: 'pointwise', layer: conv2d({ filters, kernelSize: 1, activation, bias, bayesian }) },
  ]);
  return printed('separableConv2d', [given], layer);
}
