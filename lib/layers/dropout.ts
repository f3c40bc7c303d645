import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { fuse } from '../engine/compile/fuse';
import { normalQuantile } from '../metrics/normal';
import { share, validate } from '../validate';
import type { Layer } from './layer';
import { printed } from './printed';

/** Options of `layers.dropout`. */
export interface DropoutOptions {
  /** Share of the inputs that are set to zero; at least 0, below 1. */
  rate: number;
  /** Also in predictions, where each draw has a mask of its own: Monte Carlo dropout. Default false. */
  always?: boolean;
}

const options = v.strictObject({
  rate: share(),
  always: v.optional(v.boolean(), false),
});

/**
 * Sets a random share of its inputs to zero and scales the rest up, so that the mean stays (Srivastava et al. 2014). Each sample and
 * datum of a step has a mask of its own, the same on any number of workers. Off in predictions unless `always`: then the draws of the
 * predictive distribution differ by their masks (Gal and Ghahramani 2016), also without Bayesian weights.
 * @throws CredenceError E_OPTION
 */
export function dropout(given: DropoutOptions): Layer {
  const { rate, always } = validate(options, given, 'layers.dropout');
  // a normal number lies above this threshold with probability 1 - rate
  const threshold = Math.fround(normalQuantile(rate));
  const drop = fuse((x: tf.Tensor, noise: tf.Tensor) =>
    tf.mul(x, tf.div(tf.cast(tf.greater(noise, threshold), 'float32'), 1 - rate)),
  );
  return printed('dropout', [given], {
    name: 'dropout',
    build: (inputShape) => ({
      parameters: [],
      noise: rate > 0 ? [{ name: 'mask', always }] : [],
      outputShape: inputShape,
      apply(draw, x) {
        const noise = rate > 0 ? draw.noise('mask', [x.shape[1]!, ...inputShape]) : undefined;
        return noise ? drop(x, noise) : x;
      },
    }),
  });
}
