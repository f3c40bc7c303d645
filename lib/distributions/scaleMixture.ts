import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { positive, validate } from '../validate';
import { normalLogProb } from './normal';
import type { Prior } from './prior';

/** Options of `priors.scaleMixture`. */
export interface ScaleMixtureOptions {
  /** Share of the first part, in [0, 1]. Default 0.5. */
  pi?: number;
  /** Standard deviation of the first part, the wide one. Default 1. */
  sigma1?: number;
  /** Standard deviation of the second part, the narrow one. Default exp(-6). */
  sigma2?: number;
}

const share = 'must be a number from 0 to 1';
const options = v.strictObject({
  pi: v.optional(v.pipe(v.number(share), v.minValue(0, share), v.maxValue(1, share)), 0.5),
  sigma1: v.optional(positive(), 1),
  sigma2: v.optional(positive(), Math.exp(-6)),
});

/**
 * A scale mixture of two normal distributions (Blundell et al., "Weight uncertainty in neural networks", 2015, eq. 7), independent for
 * every weight: pi N(0, sigma1^2) + (1 - pi) N(0, sigma2^2). A narrow second part draws most weights to 0, and lets go of those the data
 * need. Its divergence has no closed form.
 */
export function scaleMixture(given: ScaleMixtureOptions = {}): Prior {
  const { pi, sigma1, sigma2 } = validate(options, given, 'priors.scaleMixture');
  if (sigma2 > sigma1) {
    throw new CredenceError(
      'E_OPTION',
      `priors.scaleMixture: option 'sigma2' is the narrow part, at most sigma1 = ${sigma1}, got ${sigma2}`,
    );
  }
  const part = (w: tf.Tensor, weight: number, std: number): tf.Tensor[] =>
    weight === 0 ? [] : [tf.add(normalLogProb(w, 0, tf.scalar(Math.log(std))), Math.log(weight))];
  return {
    name: `${pi} N(0, ${sigma1}²) + ${1 - pi} N(0, ${sigma2}²)`,
    logProb(w) {
      const [first, second] = [...part(w, pi, sigma1), ...part(w, 1 - pi, sigma2)];
      // log(a + b) = log a + log(1 + b / a), of gradients that are exact everywhere
      return second ? tf.add(first!, tf.softplus(tf.sub(second, first!))) : first!;
    },
  };
}
