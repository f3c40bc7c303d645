/** What normalisations share. */
import * as v from 'valibot';
import { CredenceError } from '../errors';
import type { Shape } from '../ndarray';
import { positive } from '../validate';
import type { Parameter } from './layer';

/** Options of `layers.layerNorm` and `layers.rmsNorm`. */
export interface NormOptions {
  /** Added to the variance, or to the mean square. Default 1e-5. */
  epsilon?: number;
}

export const normEntries = { epsilon: v.optional(positive(), 1e-5) };

/** A value for each feature, without a distribution over it. */
export const perFeature = (name: string, features: number, initial: number): Parameter => ({
  name,
  shape: [features],
  bayesian: false,
  fanIn: features,
  initial,
});

/** The length of the last axis. @throws CredenceError E_SHAPE if there is none */
export function featuresOf(inputShape: Shape, layer: string): number {
  const features = inputShape.at(-1);
  if (features !== undefined) return features;
  throw new CredenceError(
    'E_SHAPE',
    `${layer} needs inputs of shape [..., features], got single numbers: give data of shape [N, 1]`,
  );
}
