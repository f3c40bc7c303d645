import * as tf from '@tensorflow/tfjs';
import type { Objective } from './objective';

/**
 * The evidence lower bound: mean_b mean_s -log p(y_b | x_b, w_s), an unbiased estimate of E_q[-log p] however few the samples (Graves
 * 2011; Blundell et al. 2015, eq. 2). It is linear in the samples, so the parts of workers that hold different ones add up to the whole.
 */
export const elbo: Objective = (likelihood) => ({
  loss({ outputs, y, parameters, samples, size }) {
    return tf.div(tf.sum(likelihood.nll(outputs, y, parameters)), samples * size);
  },
});
