import { convLayer, type ConvOptions } from './convLayer';
import type { Layer } from './layer';
import type { Triple } from './windows';

/** Options of `layers.conv3d`. */
export type Conv3dOptions = ConvOptions<Triple>;

/**
 * A three-dimensional convolution (cross-correlation) of volumes [D, H, W, C] -> [D', H', W', filters], channels last. Kernel [depth,
 * height, width, C / groups, filters].
 * @throws CredenceError E_OPTION; when built, E_SHAPE if the input is no volume, a filter does not fit, or the channels do not divide
 */
export const conv3d = (given: Conv3dOptions): Layer => convLayer('conv3d', 3, given);
