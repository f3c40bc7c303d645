import * as tf from '@tensorflow/tfjs';
import type { Prior } from '../../distributions/prior';
import { backend } from '../../engine/tfjs/backend';
import { CredenceError } from '../../errors';

/** Where the slope of log p is looked at. */
const PLACES = [-2, 0, 1, 3];

/**
 * The mean and precision of a normal prior: the slope of its log density is precision (mean - w).
 * @throws CredenceError E_OPTION if the slope is no falling line, thus the prior not normal
 */
export function normalPrior(prior: Prior): { mean: number; precision: number } {
  backend();
  const slopes = tf.tidy(() =>
    tf
      .grad((w) => tf.sum(prior.logProb(w)))(tf.tensor1d(PLACES))
      .dataSync(),
  );
  const [atZero, atOne] = [slopes[1]!, slopes[2]!];
  const precision = atZero - atOne;
  const largest = Math.max(...slopes.map(Math.abs));
  const isLine = PLACES.every((w, i) => Math.abs(atZero - precision * w - slopes[i]!) <= 1e-4 * largest);
  if (precision > 0 && isLine) return { mean: atZero / precision, precision };
  throw new CredenceError(
    'E_OPTION',
    `laplace: option 'prior' must be normal, such as priors.normal(0, 1), got ${prior.name}: around the mode the posterior is to be normal, too`,
  );
}
