import { convLayer, type ConvOptions } from './convLayer';
import type { Layer } from './layer';
import type { Pair } from './windows';

/** Options of `layers.conv2d`. */
export type Conv2dOptions = ConvOptions<Pair>;

/**
 * A two-dimensional convolution (as everywhere in deep learning: a cross-correlation) of images [H, W, C] -> [H', W', filters],
 * channels last. Kernel [height, width, C / groups, filters].
 * @throws CredenceError E_OPTION; when built, E_SHAPE if the input is no image, a filter does not fit, or the channels do not divide
 */
export const conv2d = (given: Conv2dOptions): Layer => convLayer('conv2d', 2, given);
