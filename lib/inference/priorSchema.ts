import * as v from 'valibot';
import type { Prior } from '../distributions/prior';

export const isPrior = v.custom<Prior>((value) => {
  const { name, logProb } = (value ?? {}) as Partial<Prior>;
  return typeof name === 'string' && typeof logProb === 'function';
}, 'must be a prior, such as priors.normal(0, 1)');
