import { convTransposeLayer, type ConvTransposeOptions } from './convTransposeLayer';
import type { Layer } from './layer';
import type { Triple } from './windows';

/** Options of `layers.convTranspose3d`. */
export type ConvTranspose3dOptions = ConvTransposeOptions<Triple>;

/**
 * A transposed convolution in three dimensions (Zeiler et al. 2010; also 'deconvolution'), of volumes [D, H, W, C] -> [D', H', W', filters], which
 * makes them larger by its strides. Kernel [depth, height, width, filters, C].
 * @throws CredenceError E_OPTION; when built, E_SHAPE if the input has other axes, or nothing of the output is left
 */
export const convTranspose3d = (given: ConvTranspose3dOptions): Layer =>
  convTransposeLayer('convTranspose3d', 3, given);
