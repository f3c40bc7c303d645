import * as tf from '@tensorflow/tfjs';
import { halfLog2Pi } from './normal';
import type { NormalParameters, Prior } from './prior';

/** Entropy of N(mean, std^2), elementwise. */
export const normalEntropy = (logStd: tf.Tensor): tf.Tensor => tf.add(logStd, 0.5 + halfLog2Pi);

/**
 * Nodes from -6 to 6 standard deviations, where all but 2e-9 of the normal distribution lies: no more than the samples a step draws, since
 * each costs as much as the density of a draw.
 */
const NODES = 8;
const SPACING = 12 / NODES;

/** Fibonacci numbers: multiples of one over the other fill [0, 1) more evenly than random numbers, and floats hold them exactly. */
const [PERIOD, STRIDE] = [987, 610];

const remainder = (x: tf.Tensor, n: number): tf.Tensor => tf.sub(x, tf.mul(tf.floor(tf.div(x, n)), n));

/** A number in [0, 1) for each step: 987 of them, evenly spaced, in turn. */
const shiftAt = (step: tf.Tensor): tf.Tensor =>
  tf.div(remainder(tf.mul(remainder(step, PERIOD), STRIDE), PERIOD), PERIOD);

/**
 * E f(w) for w ~ N(mean, std^2), elementwise, by the trapezoidal rule, with nodes that are shifted at every step (Cranley and Patterson,
 * "Randomization of number theoretic methods for multiple integration", 1976). In one step it is right to half a percent where f is smooth
 * on the scale of std (Trefethen and Weideman, "The exponentially convergent trapezoidal rule", 2014, section 5), and on the mean over
 * the steps it is right whatever f is.
 */
function expectation(
  f: (w: tf.Tensor) => tf.Tensor,
  { mean, logStd }: NormalParameters,
  step: tf.Tensor,
): tf.Tensor {
  const [std, shift] = [tf.exp(logStd), shiftAt(step)];
  const terms = Array.from({ length: NODES }, (_, i) => {
    const z = tf.mul(tf.add(shift, i - NODES / 2), SPACING);
    const weight = tf.exp(tf.sub(tf.mul(tf.square(z), -0.5), halfLog2Pi - Math.log(SPACING)));
    return tf.mul(f(tf.add(mean, tf.mul(std, z))), weight);
  });
  return tf.addN(terms);
}

/**
 * KL(posterior || prior), elementwise: in closed form, or -entropy - E log p(w) by integration. An integral needs no draws of the
 * weights, so a divergence is elementwise for any prior: workers may share out the weights, and the result does not depend on how.
 * @param step number of the step, a float scalar; closed forms do not depend on it
 */
export const divergence = (prior: Prior, posterior: NormalParameters, step: tf.Tensor): tf.Tensor =>
  prior.kl?.(posterior) ??
  tf.neg(
    tf.add(
      normalEntropy(posterior.logStd),
      expectation((w) => prior.logProb(w), posterior, step),
    ),
  );
