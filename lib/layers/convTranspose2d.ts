import { convTransposeLayer, type ConvTransposeOptions } from './convTransposeLayer';
import type { Layer } from './layer';
import type { Pair } from './windows';

/** Options of `layers.convTranspose2d`. */
export type ConvTranspose2dOptions = ConvTransposeOptions<Pair>;

/**
 * A transposed convolution in two dimensions (Zeiler et al. 2010; also 'deconvolution'), of images [H, W, C] -> [H', W', filters], which
 * makes them larger by its strides. Kernel [height, width, filters, C].
 * @throws CredenceError E_OPTION; when built, E_SHAPE if the input has other axes, or nothing of the output is left
 */
export const convTranspose2d = (given: ConvTranspose2dOptions): Layer =>
  convTransposeLayer('convTranspose2d', 2, given);
