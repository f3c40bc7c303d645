import { convLayer, type ConvOptions } from './convLayer';
import type { Layer } from './layer';

/** Options of `layers.conv1d`. */
export type Conv1dOptions = ConvOptions<number>;

/**
 * A convolution (cross-correlation) over time, of sequences [L, C] -> [L', filters], channels last. Kernel [length, C / groups, filters].
 * @throws CredenceError E_OPTION; when built, E_SHAPE if the input is no sequence, a filter does not fit, or the channels do not divide
 */
export const conv1d = (given: Conv1dOptions): Layer => convLayer('conv1d', 1, given);
