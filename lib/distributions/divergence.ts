import * as tf from '@tensorflow/tfjs';
import { halfLog2Pi, logBeta } from './numbers/gammaFunctions';
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

/** Places and weights of an integral over a standardised weight, in a step. */
type Nodes = (step: tf.Tensor) => readonly { z: tf.Tensor; weight: tf.Tensor }[];

const normalNodes: Nodes = (step) => {
  const shift = shiftAt(step);
  return Array.from({ length: NODES }, (_, i) => {
    const z = tf.mul(tf.add(shift, i - NODES / 2), SPACING);
    return { z, weight: tf.exp(tf.sub(tf.mul(tf.square(z), -0.5), halfLog2Pi - Math.log(SPACING))) };
  });
};

/** For heavy tails: evenly spaced in u for z = sinh u, up to |z| = 1490, beyond which lies 3e-12 of t(4) and 5e-7 of t(2). */
const TAIL_NODES = 16;
const TAIL_SPACING = 1;

const studentTNodes =
  (df: number): Nodes =>
  (step) => {
    const shift = shiftAt(step);
    const constant = -0.5 * Math.log(df) - logBeta(df / 2, 0.5) + Math.log(TAIL_SPACING);
    return Array.from({ length: TAIL_NODES }, (_, i) => {
      const u = tf.mul(tf.add(shift, i - TAIL_NODES / 2), TAIL_SPACING);
      const z = tf.sinh(u);
      const tail = tf.mul(tf.log(tf.add(tf.div(tf.square(z), df), 1)), -(df + 1) / 2);
      return { z, weight: tf.mul(tf.exp(tf.add(tail, constant)), tf.cosh(u)) };
    });
  };

/**
 * E log p(w) for w = mean + std z, elementwise, by the trapezoidal rule, with nodes that are shifted at every step (Cranley and Patterson,
 * "Randomization of number theoretic methods for multiple integration", 1976). In one step it is right to half a percent where log p is smooth
 * on the scale of std (Trefethen and Weideman, "The exponentially convergent trapezoidal rule", 2014, section 5), and on the mean over
 * the steps it is right whatever it is.
 */
function expectation(prior: Prior, { mean, logStd }: NormalParameters, nodes: ReturnType<Nodes>): tf.Tensor {
  const std = tf.exp(logStd);
  return tf.addN(nodes.map(({ z, weight }) => tf.mul(prior.logProb(tf.add(mean, tf.mul(std, z))), weight)));
}

/** E log p(w), elementwise, by integration, for w of these distributions. */
export const integral = {
  normal: (prior: Prior, posterior: NormalParameters, step: tf.Tensor): tf.Tensor =>
    expectation(prior, posterior, normalNodes(step)),
  studentT: (df: number, prior: Prior, posterior: NormalParameters, step: tf.Tensor): tf.Tensor =>
    expectation(prior, posterior, studentTNodes(df)(step)),
};

/**
 * KL(posterior || prior), elementwise: in closed form, or -entropy - E log p(w) by integration. An integral needs no draws of the
 * weights, so a divergence is elementwise for any prior: workers may share out the weights, and the result does not depend on how.
 * @param step number of the step, a float scalar; closed forms do not depend on it
 */
export const divergence = (prior: Prior, posterior: NormalParameters, step: tf.Tensor): tf.Tensor =>
  prior.kl?.(posterior) ??
  tf.neg(tf.add(normalEntropy(posterior.logStd), integral.normal(prior, posterior, step)));
