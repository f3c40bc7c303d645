import { convTransposeLayer, type ConvTransposeOptions } from './convTransposeLayer';
import type { Layer } from './layer';

/** Options of `layers.convTranspose1d`. */
export type ConvTranspose1dOptions = ConvTransposeOptions<number>;

/**
 * A transposed convolution over time (Zeiler et al. 2010; also 'deconvolution'), of sequences [L, C] -> [L', filters], which
 * makes them larger by its strides. Kernel [length, filters, C].
 * @throws CredenceError E_OPTION; when built, E_SHAPE if the input has other axes, or nothing of the output is left
 */
export const convTranspose1d = (given: ConvTranspose1dOptions): Layer =>
  convTransposeLayer('convTranspose1d', 1, given);
