import type * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { count, validate } from '../validate';
import { activate, type ActivationName, activationNames } from './activation';
import { convolve, dilate, padImages } from './convolve';
import type { Layer, Parameter } from './layer';
import { imageShape, pair, type Pair, paddingOption, type PaddingOption, pairOf, place } from './windows';

export interface Conv2dOptions {
  /** Number of filters: channels of the output. */
  filters: number;
  /** Size of the filters: one number, or [height, width]. */
  kernelSize: Pair;
  /** Steps of the filters over the image: one number, or [down, across]. Default 1. */
  strides?: Pair;
  /**
   * Zeros around the image. 'same' (default): enough for outputs of ceil(size / stride), as TensorFlow; 'valid': none; a number: so
   * many on every side.
   */
  padding?: PaddingOption;
  /** Distance between the places that a filter sees. Default 1: no gaps. */
  dilation?: Pair;
  /** Into how many groups the channels are split, each with filters of its own. Default 1. */
  groups?: number;
  /** Elementwise function of the outputs. Default 'linear'. */
  activation?: ActivationName;
  /** Learn a distribution over the weights (true) or one value for each (false). Default true. */
  bayesian?: boolean;
  /** Add a learned bias to each channel of the output. Default true. */
  bias?: boolean;
}

const options = v.strictObject({
  filters: count(1),
  kernelSize: pair(1),
  strides: v.optional(pair(1), 1),
  padding: v.optional(paddingOption, 'same'),
  dilation: v.optional(pair(1), 1),
  groups: v.optional(count(1), 1),
  activation: v.optional(v.picklist(activationNames), 'linear'),
  bayesian: v.optional(v.boolean(), true),
  bias: v.optional(v.boolean(), true),
});

/**
 * A two-dimensional convolution (as everywhere in deep learning: a cross-correlation) of images [H, W, C] -> [H', W', filters],
 * channels last. Kernel [height, width, C / groups, filters].
 * @throws CredenceError E_OPTION; when built, E_SHAPE if the input is no image, a filter does not fit, or the channels do not divide
 */
export function conv2d(given: Conv2dOptions): Layer {
  const { filters, kernelSize, strides, padding, dilation, groups, activation, bayesian, bias } = validate(
    options,
    given,
    'layers.conv2d',
  );
  if (filters % groups !== 0) {
    throw new CredenceError(
      'E_OPTION',
      `layers.conv2d: option 'filters' must be a multiple of 'groups' (${groups}), got ${filters}`,
    );
  }
  return {
    name: 'conv2d',
    build(inputShape) {
      const [height, width, channels] = imageShape(inputShape, 'layers.conv2d');
      if (channels % groups !== 0) {
        throw new CredenceError(
          'E_SHAPE',
          `layers.conv2d cannot split ${channels} channels into ${groups} groups: option 'groups' must divide them`,
        );
      }
      const size = pairOf(kernelSize);
      const dilations = pairOf(dilation);
      const windows = { size, strides: pairOf(strides), dilations, padding };
      const { output, zeros, ...geometry } = place([height, width], windows, 'layers.conv2d');
      const kernel: Parameter = {
        name: 'kernel',
        shape: [...size, channels / groups, filters],
        bayesian,
        fanIn: (size[0] * size[1] * channels) / groups,
        initial: 'uniform',
      };
      return {
        parameters: bias ? [kernel, { ...kernel, name: 'bias', shape: [filters] }] : [kernel],
        outputShape: [...output, filters],
        apply(draw, x) {
          const convolution = (images: tf.Tensor, w: tf.Tensor): tf.Tensor =>
            convolve(padImages(images, zeros), dilate(w, dilations), geometry, groups);
          const product = draw.linear(convolution, x, 'kernel');
          return activate(activation, product, bias ? draw.value('bias') : undefined);
        },
      };
    },
  };
}
